package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What each operation sends, by the server's own count, and what it leaves behind.
 */
class RedisBarTests extends RedisTest {

	private static final int CLIENTS = 4;

	private static final int THREADS = 25;

	private final RedisServer server = RedisServer.start();

	@Test
	void eachOperationIsOneScript() throws Exception {
		LockDriver driver = driver();
		// The first time, the server is told the scripts.
		driver.renew(List.of(take(driver, this.key)), LONG_LEASE);
		assertThat(driver.look(this.key)).isNotNull();
		driver.release(new Hold(this.key, "nobody"));
		CommandCount sent = new CommandCount(this.server);
		Hold hold = take(driver, new LockKey(NAMESPACE, "free"));
		assertThat(sent.scripts()).as("scripts of a free acquire").isEqualTo(1);
		assertThat(driver.acquire(attempt(this.key))).isNull();
		assertThat(sent.scripts()).as("with a failed try").isEqualTo(2);
		driver.look(this.key);
		assertThat(sent.scripts()).as("with a look").isEqualTo(3);
		driver.release(hold);
		assertThat(sent.scripts()).as("with a release").isEqualTo(4);
	}

	@Test
	void oneScriptRenewsOrReleasesAHundred() {
		LockDriver driver = driver();
		List<LockAttempt> attempts = attempts("batch-", 250);
		List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
		driver.acquireFree(attempts);
		driver.renew(holds, LONG_LEASE);
		driver.releaseAll(holds);
		CommandCount sent = new CommandCount(this.server);
		assertThat(driver.acquireFree(attempts)).as("grants").doesNotContainNull();
		assertThat(sent.scripts()).as("scripts that take 250").isEqualTo(3);
		assertThat(driver.renew(holds, LONG_LEASE).lost()).as("losses").isEmpty();
		assertThat(sent.scripts()).as("with those that renew 250").isEqualTo(6);
		assertThat(driver.releaseAll(holds)).as("releases").hasSize(250);
		assertThat(sent.scripts()).as("with those that release 250").isEqualTo(9);
	}

	@Test
	void whatThreadsAskAtTheSameTimeTravelsTogether() {
		LockDriver driver = driver();
		CommandCount sent = new CommandCount(this.server);
		List<CompletableFuture<Boolean>> workers = new ArrayList<>();
		for (int i = 0; i < 16; i++) {
			LockKey own = new LockKey(NAMESPACE, "own-" + i);
			workers.add(later(() -> {
				for (int round = 0; round < 200; round++) {
					takeAndRelease(driver, own);
				}
				return true;
			}));
		}
		workers.forEach((worker) -> assertThat(worker).as("a worker").succeedsWithin(PATIENCE));
		assertThat(sent.scripts()).as("scripts for 3200 acquires and as many releases").isLessThan(6400);
	}

	@Test
	void aHandOffTakesThreeCommandsAtMostWhateverTheNumberOfWaiters() {
		List<LockEngine> engines = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			// Each hold goes through the server, not from thread to thread.
			engines.add(new LockEngine(driver(), new EngineSettings("bars", EngineSettings.newInstanceName(),
					Duration.ofSeconds(30), null, null, new HandOver(0, Duration.ZERO)), (event) -> {
					}));
		}
		engines.forEach((engine) -> engine.run("warm-up", () -> {
		}));
		CommandCount sent = new CommandCount(this.server);
		int[] holds = new int[1];
		List<CompletableFuture<Boolean>> workers = new ArrayList<>();
		for (LockEngine engine : engines) {
			for (int i = 0; i < THREADS; i++) {
				workers.add(later(() -> {
					for (int round = 0; round < 10; round++) {
						// Not atomic on purpose: the lock is what makes it right.
						engine.run("one", () -> holds[0]++);
					}
					return true;
				}));
			}
		}
		workers.forEach((worker) -> assertThat(worker).as("a worker").succeedsWithin(PATIENCE));
		engines.forEach(LockEngine::close);
		assertThat(holds[0]).as("holds").isEqualTo(CLIENTS * THREADS * 10);
		double perHold = sent.scripts() / (double) holds[0];
		assertThat(perHold).as("commands for each hold").isLessThanOrEqualTo(3);
	}

	@Test
	void aMillionIdsLeaveAFewHundredKeysThatExpire() {
		LockDriver driver = driver();
		for (int i = 0; i < 1_000_000; i += 1000) {
			List<LockAttempt> attempts = attempts("id-" + i + "-", 1000);
			driver.acquireFree(attempts);
			driver.releaseAll(attempts.stream().map(LockAttempt::hold).toList());
		}
		assertThat(Integer.parseInt(this.server.cli("DBSIZE"))).as("keys that are left")
			.isLessThanOrEqualTo(RedisKeys.TAGS);
		assertThat(this.server.cli("INFO", "keyspace")).as("how many of them expire")
			.containsPattern("keys=(\\d+),expires=\\1,");
	}

	private static List<LockAttempt> attempts(String prefix, int count) {
		List<LockAttempt> attempts = new ArrayList<>(count);
		for (int i = 0; i < count; i++) {
			attempts.add(new LockAttempt(new LockKey(NAMESPACE, prefix + i), "owner-" + i, LONG_LEASE,
					Deadline.in(Duration.ZERO)));
		}
		return attempts;
	}

	private LockDriver driver() {
		return this.clients.driver(RedisClients.at(this.server.port()));
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

}
