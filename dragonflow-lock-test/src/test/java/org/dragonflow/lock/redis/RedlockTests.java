package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.LockEngine;
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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What a majority of five masters can and cannot do.
 */
class RedlockTests extends RedisTest {

	private final List<RedisServer> servers = start();

	private final LockDriver driver = this.clients.redlock(this.servers);

	private static List<RedisServer> start() {
		List<RedisServer> servers = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			servers.add(RedisServer.start());
		}
		return servers;
	}

	@Test
	void twoOfFiveMayBeDown() throws Exception {
		this.servers.get(0).kill();
		this.servers.get(1).stop();
		Hold hold = take(this.driver, this.key);
		assertThat(this.clients.redlock(this.servers).acquire(attempt(this.key))).as("a try of another").isNull();
		assertThat(this.driver.renew(Set.of(hold), LONG_LEASE).lost()).as("losses").isEmpty();
		assertThat(this.driver.look(this.key)).as("the record").isNotNull();
		assertThat(this.driver.release(hold)).as("the release").isTrue();
		assertNothingIsLeft(this.servers.subList(2, 5));
	}

	@Test
	void threeOfFiveDownAreRefusedAndLeaveNothing() {
		this.servers.subList(0, 3).forEach(RedisServer::kill);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.driver.acquire(attempt(this.key)))
			.withMessageContaining("2 of 5 servers have answered, but it takes 3")
			.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isFalse());
		assertNothingIsLeft(this.servers.subList(3, 5));
	}

	@Test
	void aMinorityOfGrantsIsNoneAndIsTakenBackEverywhere() throws Exception {
		for (RedisServer server : this.servers.subList(0, 3)) {
			server.cli("HSET", lock(this.key), "owner", "other", "token", "1", "since", "1");
			server.cli("PEXPIRE", lock(this.key), "100000");
		}
		assertThat(this.driver.acquire(attempt(this.key))).as("a try for what a majority holds").isNull();
		assertNothingIsLeft(this.servers.subList(3, 5));
		for (RedisServer server : this.servers.subList(0, 3)) {
			assertThat(server.cli("HGET", lock(this.key), "owner")).as("the other's record").isEqualTo("other");
		}
	}

	@Test
	void aMajorityThatIsPausedForLongerThanTheLeaseGrantsNothing() throws Exception {
		takeAndRelease(this.driver, this.key);
		this.servers.subList(0, 3).forEach(RedisServer::pause);
		LockAttempt attempt = attempt(this.key, Duration.ofSeconds(1), Duration.ZERO);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.driver.acquire(attempt));
		this.servers.forEach(RedisServer::resume);
		// The requests reach the servers now, each attempt followed by its release.
		assertNothingIsLeft(this.servers);
		takeAndRelease(this.clients.redlock(this.servers), this.key);
	}

	@Test
	void whatNodesGrantWhoseAnswerIsNotAwaitedIsTakenBackToo() throws Exception {
		takeAndRelease(this.driver, this.key);
		this.servers.subList(0, 3).forEach(RedisServer::pause);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.driver.acquire(attempt(this.key)));
		this.servers.forEach(RedisServer::resume);
		// They take the request from their sockets only now, and would keep the record
		// for a long lease.
		await("they have seen all requests").during(Duration.ofMillis(500))
			.until(() -> this.servers.stream().noneMatch(this::isLocked));
	}

	@Test
	void whatANodeGrantsAfterTheHoldWasBrokenEndsWhenItsHolderIsTold() throws Exception {
		try (LockEngine engine = engine(this.clients.redlock(this.servers), Duration.ofSeconds(6))) {
			engine.run("another", () -> {
			});
			List<RedisServer> late = this.servers.subList(3, 5);
			late.forEach(RedisServer::pause);
			LockHandle hold = engine.acquire(LockRequest.of(this.key.objectId()));
			// Another breaks the hold: these two hear that before they hear of the hold.
			this.servers.subList(0, 3).forEach((server) -> server.cli("DEL", lock(this.key)));
			late.forEach(RedisServer::resume);
			await("both grant what nobody has any more").until(() -> late.stream().allMatch(this::isLocked));
			await("the next renewal tells").until(() -> !hold.isHeld());
			// Long before the renewed lease would end.
			Awaitility.await("it is taken back")
				.atMost(Duration.ofSeconds(2))
				.until(() -> this.servers.stream().noneMatch(this::isLocked));
		}
	}

	@Test
	void aHoldWithoutTheAnswerOfAMajorityIsUnknownAlone() {
		// More than a script takes, so that there is a second one.
		List<LockAttempt> attempts = new ArrayList<>();
		for (int i = 0; i < 2 * Batches.SIZE; i++) {
			attempts.add(attempt(new LockKey(NAMESPACE, this.key.objectId() + i)));
		}
		Set<Hold> others = attempts.stream().map(LockAttempt::hold).collect(Collectors.toSet());
		List<Hold> all = attempts.stream().map(LockAttempt::hold).toList();
		Hold broken = attempts.get(7).hold();
		others.remove(broken);
		this.servers.subList(0, 3).forEach((server) -> server.cli("SET", lock(broken.key()), "mine"));
		PartialAnswerException acquire = catchThrowableOfType(PartialAnswerException.class,
				() -> this.driver.acquireFree(attempts));
		assertRefused(acquire.unknown(), broken);
		assertThat(acquire.grants()).as("the grants").hasSize(all.size()).containsOnlyOnce((Grant) null);
		Renewal renewal = this.driver.renew(all, LONG_LEASE);
		assertRefused(renewal.unknown(), broken);
		assertThat(renewal.renewed()).as("what is renewed").containsOnlyKeys(others);
		assertThat(renewal.lost()).as("what is lost").isEmpty();
		// Those that the others have granted are a minority.
		await("what one of them has is taken back").until(() -> this.servers.subList(3, 5)
			.stream()
			.allMatch((server) -> server.cli("EXISTS", lock(broken.key())).equals("0")));
		PartialAnswerException release = catchThrowableOfType(PartialAnswerException.class,
				() -> this.driver.releaseAll(all));
		assertRefused(release.unknown(), broken);
		assertThat(release.released()).as("what is released").isEqualTo(others);
	}

	private static void assertRefused(Map<Hold, LockStoreException> unknown, Hold hold) {
		assertThat(unknown).as("what is unknown").containsOnlyKeys(hold);
		assertThat(unknown.get(hold)).as("why")
			.hasMessageContainingAll(hold.key().name(), "2 of 5 servers have answered, but it takes 3")
			.hasStackTraceContaining("WRONGTYPE")
			.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isTrue());
	}

	@Test
	void aNodeThatIsRestartedEmptyIsSurvived() throws Exception {
		LockAttempt attempt = attempt(this.key);
		Grant grant = this.driver.acquire(attempt);
		assertThat(grant).as("the grant").isNotNull();
		await("all have granted").until(() -> this.servers.stream().allMatch(this::isLocked));
		this.servers.get(0).kill();
		this.servers.get(0).restart();
		assertThat(this.clients.redlock(this.servers).acquire(attempt(this.key))).as("a try of another").isNull();
		await("the node can be used again")
			.until(() -> this.driver.renew(Set.of(attempt.hold()), LONG_LEASE).lost().isEmpty());
		assertThat(this.driver.release(attempt.hold())).as("the release").isTrue();
		assertThat(takeAndRelease(this.driver, this.key)).as("the next token").isGreaterThan(grant.token());
	}

	@Test
	void nodesThatForgetWhatAMajorityNeedsLetAnotherInWithAHigherToken() throws Exception {
		// What it cannot survive: the documentation says so.
		LockAttempt attempt = attempt(this.key);
		Grant first = this.driver.acquire(attempt);
		assertThat(first).as("the first grant").isNotNull();
		await("nothing is under way any more").until(() -> this.servers.stream()
			.allMatch((server) -> server.cli("HGET", lock(this.key), "token").equals(String.valueOf(first.token()))));
		this.servers.subList(0, 3).forEach((server) -> server.cli("FLUSHALL"));
		LockAttempt intruder = attempt(this.key);
		Grant second = this.clients.redlock(this.servers).acquire(intruder);
		assertThat(second).as("a second grant, while the first is believed to be valid").isNotNull();
		assertThat(first.validUntil().hasPassed()).as("whether the first has ended").isFalse();
		assertThat(second.token()).as("the token by which a resource refuses the first").isGreaterThan(first.token());
		assertThat(this.driver.renew(Set.of(attempt.hold()), LONG_LEASE).lost()).as("what the next renewal finds lost")
			.containsExactly(attempt.hold());
	}

	@Test
	void tokensRiseWhateverMajorityGrants() throws Exception {
		// One that is an hour ahead gives its token to a majority; the next hold is
		// granted without it.
		takeAndRelease(this.driver, this.key);
		RedisServer ahead = this.servers.get(0);
		long far = takeAndRelease(this.driver, this.key) + 3_600_000_000L;
		ahead.cli("SET", ahead.cli("KEYS", "*:mark"), String.valueOf(far));
		this.servers.get(4).pause();
		this.servers.get(3).pause();
		long first = takeAndRelease(this.driver, this.key);
		assertThat(first).as("the token of a majority with the one ahead").isEqualTo(far + 1);
		this.servers.get(4).resume();
		this.servers.get(3).resume();
		ahead.pause();
		this.servers.get(1).pause();
		LockDriver other = this.clients.redlock(this.servers);
		assertThat(takeAndRelease(other, this.key)).as("the token of a majority without it").isGreaterThan(first);
	}

	@Test
	void manyClientsGetTheirTurnsOneAtATime() throws Exception {
		List<CompletableFuture<Integer>> workers = new ArrayList<>();
		int[] inside = new int[1];
		for (int i = 0; i < 4; i++) {
			LockDriver client = this.clients.redlock(this.servers);
			workers.add(later(() -> {
				for (int round = 0; round < 5; round++) {
					LockAttempt attempt = attempt(this.key, LONG_LEASE, LONG_LEASE);
					@Nullable Grant grant = client.acquire(attempt);
					assertThat(grant).as("the grant").isNotNull();
					// Not atomic on purpose: the lock is what makes it right.
					inside[0]++;
					assertThat(client.release(attempt.hold())).as("the release").isTrue();
				}
				return 5;
			}));
		}
		for (CompletableFuture<Integer> worker : workers) {
			assertThat(worker).as("a worker").succeedsWithin(PATIENCE);
		}
		assertThat(inside[0]).as("turns").isEqualTo(20);
	}

	@Test
	void anEvenNumberOfServersIsNoMajority() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.clients.redlock(this.servers.subList(0, 4)))
			.withMessageContaining("there are 4");
	}

	private void assertNothingIsLeft(List<RedisServer> of) {
		await("no server has a record").until(() -> of.stream().noneMatch(this::isLocked));
	}

	private boolean isLocked(RedisServer server) {
		return server.cli("EXISTS", lock(this.key)).equals("1");
	}

	@AfterEach
	void stopServers() {
		this.servers.forEach(RedisServer::close);
	}

}
