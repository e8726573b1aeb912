package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.dragonflow.lock.test.servers.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What becomes of an operation when the server forgets, refuses, or breaks its
 * connections.
 */
class RedisFaultyInputTests extends RedisTest {

	private static final int LOCKS = 30;

	private final RedisServer server = RedisServer.start();

	private final LockDriver driver = this.clients.driver(RedisClients.at(this.server.port()));

	@Test
	void tokensRiseThroughFlushAndRestartWithoutData() throws Exception {
		long first = takeAndRelease(this.driver, this.key);
		this.server.cli("FLUSHALL");
		long second = takeAndRelease(this.driver, this.key);
		assertThat(second).as("the token after FLUSHALL").isGreaterThan(first);
		this.server.kill();
		this.server.restart();
		await("the connection is there again").ignoreExceptions().until(() -> this.driver.look(this.key) == null);
		assertThat(takeAndRelease(this.driver, this.key)).as("the token after a restart").isGreaterThan(second);
	}

	@Test
	void tokensRiseAlthoughTheClockIsBehindThem() throws Exception {
		long first = takeAndRelease(this.driver, this.key);
		String mark = this.server.cli("KEYS", "*:mark");
		long ahead = first + 3_600_000_000L;
		this.server.cli("SET", mark, String.valueOf(ahead));
		assertThat(takeAndRelease(this.driver, this.key)).as("the token after the highest one").isEqualTo(ahead + 1);
		assertThat(takeAndRelease(this.driver, this.key)).as("the next token").isEqualTo(ahead + 2);
	}

	@Test
	void aServerThatHasForgottenTheScriptsIsToldThemAgain() throws Exception {
		Hold hold = take(this.driver, this.key);
		this.server.cli("SCRIPT", "FLUSH");
		assertThat(this.driver.renew(Set.of(hold), LONG_LEASE).lost()).as("losses").isEmpty();
		this.server.cli("SCRIPT", "FLUSH");
		assertThat(this.driver.look(this.key)).as("the record").isNotNull();
		this.server.cli("SCRIPT", "FLUSH");
		assertThat(this.driver.release(hold)).as("the release").isTrue();
	}

	@Test
	void killedConnectionsComeBack() throws Exception {
		Hold hold = take(this.driver, this.key);
		CompletableFuture<@Nullable Grant> waiter = queue(this.server,
				this.clients.driver(RedisClients.at(this.server.port())), attempt(this.key, LONG_LEASE, LONG_LEASE));
		this.server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
		this.server.cli("CLIENT", "KILL", "TYPE", "pubsub");
		assertThat(this.driver.renew(Set.of(hold), LONG_LEASE).lost()).as("losses").isEmpty();
		this.server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
		assertThat(this.driver.release(hold)).as("the release").isTrue();
		assertServed("the waiter", waiter);
	}

	@Test
	void aKeyOfAnotherTypeIsRefused() {
		this.server.cli("SET", lock(this.key), "mine");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.driver.acquire(attempt(this.key)))
			.withMessageContaining("WRONGTYPE")
			.withMessageContaining("key-prefix")
			.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isTrue());
		assertThat(this.server.cli("GET", lock(this.key))).as("what was there").isEqualTo("mine");
	}

	@Test
	void aLockWhoseKeyIsOverwrittenIsLostAlone() throws Exception {
		Duration lease = Duration.ofSeconds(3);
		try (LockEngine engine = engine(this.clients.driver(RedisClients.at(this.server.port())), lease)) {
			List<LockHandle> holds = new ArrayList<>();
			for (int i = 0; i < LOCKS; i++) {
				holds.add(engine.acquire(LockRequest.of("id-" + i)));
			}
			this.server.cli("SET", lock(new LockKey(NAMESPACE, "id-7")), "mine");
			Deadline leasesOfBefore = Deadline.in(lease.plusMillis(500));
			await("all leases of before have ended").until(leasesOfBefore::hasPassed);
			assertThat(holds).filteredOn((hold) -> !hold.isHeld())
				.as("the holds that are lost of " + LOCKS)
				.containsExactly(holds.get(7));
			holds.stream().filter(LockHandle::isHeld).forEach(LockHandle::close);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void ofManyOneWhoseKeyIsOfAnotherTypeIsRefusedAlone(boolean lettuce) {
		LockDriver client = lettuce ? this.driver : this.clients.jedisDriver(RedisClients.at(this.server.port()));
		List<LockAttempt> attempts = new ArrayList<>();
		for (int i = 0; i < LOCKS; i++) {
			attempts.add(attempt(new LockKey(NAMESPACE, "id-" + i)));
		}
		Hold broken = attempts.get(7).hold();
		Set<Hold> others = attempts.stream().map(LockAttempt::hold).collect(Collectors.toSet());
		List<Hold> all = List.copyOf(others);
		others.remove(broken);
		this.server.cli("SET", lock(broken.key()), "mine");
		PartialAnswerException acquire = catchThrowableOfType(PartialAnswerException.class,
				() -> client.acquireFree(attempts));
		assertRefused(acquire.unknown(), broken);
		assertThat(acquire.grants()).as("the grants").hasSize(LOCKS).containsOnlyOnce((Grant) null);
		assertThat(acquire.grants().get(7)).as("the grant of the one that is refused").isNull();
		Renewal renewal = client.renew(all, LONG_LEASE);
		assertRefused(renewal.unknown(), broken);
		assertThat(renewal.renewed()).as("what is renewed").containsOnlyKeys(others);
		assertThat(renewal.lost()).as("what is lost").isEmpty();
		PartialAnswerException release = catchThrowableOfType(PartialAnswerException.class,
				() -> client.releaseAll(all));
		assertRefused(release.unknown(), broken);
		assertThat(release.released()).as("what is released").isEqualTo(others);
		assertThat(this.server.cli("GET", lock(broken.key()))).as("what was there").isEqualTo("mine");
	}

	private static void assertRefused(Map<Hold, LockStoreException> unknown, Hold hold) {
		assertThat(unknown).as("what is unknown").containsOnlyKeys(hold);
		assertThat(unknown.get(hold)).as("why")
			.hasMessageContaining(hold.key().name())
			.hasMessageContaining("WRONGTYPE")
			.hasMessageContaining("key-prefix")
			.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isTrue());
	}

	@Test
	void whatIsRefusedToOneThreadIsNotRefusedToOthersWhoseRequestsTravelWithIt() {
		this.server.cli("SET", lock(this.key), "mine");
		CompletableFuture<Boolean> refused = later(() -> {
			for (int round = 0; round < 200; round++) {
				assertThatExceptionOfType(LockStoreException.class)
					.isThrownBy(() -> this.driver.acquire(attempt(this.key)))
					.withMessageContaining("WRONGTYPE");
			}
			return true;
		});
		CompletableFuture<Boolean> others = later(() -> {
			while (!refused.isDone()) {
				takeAndRelease(this.driver, new LockKey(NAMESPACE, "another"));
			}
			return true;
		});
		assertThat(refused).as("who is refused").succeedsWithin(PATIENCE);
		assertThat(others).as("who is not").succeedsWithin(PATIENCE);
	}

	@Test
	void aReadOnlyReplicaCannotBeUsedForNow() {
		try (RedisServer replica = RedisServer.startReplicaOf(this.server)) {
			LockDriver misled = this.clients.driver(RedisClients.at(replica.port()));
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> misled.acquire(attempt(this.key)))
				.withMessageContaining("READONLY")
				.satisfies((ex) -> assertThat(ex.isRefused()).as("whether a failover cannot help").isFalse());
		}
	}

	@Test
	void aWrongPasswordIsRefused() {
		this.server.cli("CONFIG", "SET", "requirepass", "right");
		try {
			RedisStandaloneConfiguration wrong = RedisClients.at(this.server.port());
			wrong.setPassword("wrong");
			assertRefused(this.clients.driver(wrong), "WRONGPASS");
			assertRefused(this.clients.driver(RedisClients.at(this.server.port())), "NOAUTH");
		}
		finally {
			this.server.cli("-a", "right", "CONFIG", "SET", "requirepass", "");
		}
	}

	@Test
	void aCommandThatIsForbiddenIsRefused() {
		this.server.cli("ACL", "SETUSER", "poor", "on", ">secret", "~*", "&*", "+@all", "-evalsha", "-eval");
		assertRefused(user("poor"), "NOPERM");
		this.server.cli("ACL", "SETUSER", "poor", "+evalsha", "+eval", "-hset");
		assertRefused(user("poor"), "can't run this command", "documentation");
		this.server.cli("ACL", "SETUSER", "poor", "+hset", "resetkeys", "~other*");
		assertRefused(user("poor"), "NOPERM");
	}

	@Test
	void whatTheDocumentationNamesIsEnough() throws Exception {
		this.server.cli("ACL", "SETUSER", "locks", "on", ">secret", "~dragonflow-lock:*", "&dragonflow-lock:*", "-@all",
				"+evalsha", "+eval", "+time", "+hget", "+hset", "+hmget", "+hdel", "+get", "+set", "+del", "+pexpire",
				"+pttl", "+zadd", "+zrem", "+zpopmin", "+publish", "+pubsub|numsub", "+subscribe", "+unsubscribe",
				"+hello", "+ping", "+client|setname");
		LockDriver allowed = user("locks");
		Hold hold = take(allowed, this.key);
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, user("locks"),
				attempt(this.key, LONG_LEASE, LONG_LEASE));
		assertThat(allowed.renew(Set.of(hold), LONG_LEASE).lost()).as("losses").isEmpty();
		assertThat(allowed.look(this.key)).as("the record").isNotNull();
		allowed.release(hold);
		assertServed("the waiter", waiter);
	}

	@Test
	void aPausedServerHangsNobodyForLongerThanTheTimeout() throws Exception {
		take(this.driver, this.key);
		this.server.pause();
		long start = System.nanoTime();
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> this.driver.acquire(attempt(this.key, LONG_LEASE, Duration.ofMillis(100))))
			.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isFalse());
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("the time that took")
			.isLessThan(RedisLockSettings.defaults().timeout().plusSeconds(3));
	}

	@Test
	void aStoppedServerIsUnreachable() throws Exception {
		Hold hold = take(this.driver, this.key);
		this.server.stop();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.driver.release(hold))
			.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isFalse());
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> this.clients.driver(RedisClients.at(this.server.port())).look(this.key))
			.withMessageContaining("refused");
	}

	private LockDriver user(String name) {
		RedisStandaloneConfiguration configuration = RedisClients.at(this.server.port());
		configuration.setUsername(name);
		configuration.setPassword("secret");
		return this.clients.driver(configuration);
	}

	private void assertRefused(LockDriver refused, String... words) {
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> refused.acquire(attempt(this.key)))
			.satisfies((ex) -> {
				assertThat(ex).as("what it says").hasMessageContainingAll(words);
				assertThat(ex.isRefused()).as("whether asking again is of no use: " + ex).isTrue();
			});
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

}
