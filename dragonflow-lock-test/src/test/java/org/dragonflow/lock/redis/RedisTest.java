package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server of one's own, and the words that the cases are written in.
 */
abstract class RedisTest {

	static final Duration PATIENCE = Duration.ofSeconds(20);

	/**
	 * Longer than any test.
	 */
	static final Duration LONG_LEASE = Duration.ofMinutes(2);

	/**
	 * Much sooner than the end of such a lease.
	 */
	static final Duration SOON = Duration.ofSeconds(5);

	static final String NAMESPACE = "redis-tests";

	final LockKey key = new LockKey(NAMESPACE, UUID.randomUUID().toString());

	final RedisClients clients = new RedisClients();

	@AfterEach
	void closeConnections() throws Exception {
		this.clients.close();
	}

	static LockAttempt attempt(LockKey key) {
		return attempt(key, LONG_LEASE, Duration.ZERO);
	}

	static LockAttempt attempt(LockKey key, Duration lease, Duration wait) {
		return new LockAttempt(key, "test-" + UUID.randomUUID(), lease, Deadline.in(wait));
	}

	/**
	 * What an application has over a driver, and closes with it. Its locks are those of
	 * {@link #NAMESPACE}.
	 */
	static LockEngine engine(LockDriver driver, Duration lease) {
		return new LockEngine(driver,
				new EngineSettings(NAMESPACE, EngineSettings.newInstanceName(), lease, null, null, HandOver.DEFAULT),
				(event) -> {
				});
	}

	static Hold take(LockDriver driver, LockKey key) throws InterruptedException {
		LockAttempt attempt = attempt(key);
		assertThat(driver.acquire(attempt)).as("the grant of a lock that is free").isNotNull();
		return attempt.hold();
	}

	static long takeAndRelease(LockDriver driver, LockKey key) throws InterruptedException {
		LockAttempt attempt = attempt(key);
		Grant grant = driver.acquire(attempt);
		assertThat(grant).as("the grant of a lock that is free").isNotNull();
		assertThat(driver.release(attempt.hold())).as("its release").isTrue();
		return grant.token();
	}

	/**
	 * Begins to wait, and returns when the server has the waiter in the queue.
	 */
	CompletableFuture<@Nullable Grant> queue(RedisServer server, LockDriver driver, LockAttempt attempt) {
		CompletableFuture<@Nullable Grant> waiter = later(() -> driver.acquire(attempt));
		await("the waiter is in the queue")
			.until(() -> server.cli("HEXISTS", lock(attempt.key()) + ":waiters", attempt.owner()).equals("1")
					|| waiter.isDone());
		return waiter;
	}

	static <T extends @Nullable Object> CompletableFuture<T> later(Callable<T> call) {
		CompletableFuture<T> result = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				result.complete(call.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}, "waiter");
		thread.setDaemon(true);
		thread.start();
		return result;
	}

	static void assertServed(String description, CompletableFuture<@Nullable Grant> waiter) {
		assertThat(waiter).as(description).succeedsWithin(SOON).isNotNull();
	}

	static String lock(LockKey key) {
		return RedisClients.lockKey(key);
	}

	static ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(PATIENCE);
	}

}
