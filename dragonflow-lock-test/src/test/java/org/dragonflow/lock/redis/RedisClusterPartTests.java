package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.dragonflow.lock.test.servers.RedisCluster;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.data.redis.connection.RedisClusterConfiguration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * A cluster that lets the others go on when a master is gone, and nobody takes its place.
 */
class RedisClusterPartTests extends RedisTest {

	private static final int LOCKS = 30;

	private static final Duration LEASE = Duration.ofSeconds(8);

	private final RedisCluster cluster = RedisCluster.startWithoutReplicas();

	@Test
	void aDeadMasterTakesOnlyItsOwnHolds() throws Exception {
		assertTakesOnlyItsOwnHolds(RedisServer::kill);
	}

	@Test
	void aMasterThatHangsTakesOnlyItsOwnHolds() throws Exception {
		assertTakesOnlyItsOwnHolds(RedisServer::pause);
	}

	private void assertTakesOnlyItsOwnHolds(Consumer<RedisServer> fault) throws Exception {
		try (LockEngine engine = engine(driver(), LEASE)) {
			List<LockHandle> holds = new ArrayList<>();
			for (LockKey key : keys()) {
				holds.add(engine.acquire(LockRequest.of(key.objectId())));
			}
			RedisServer master = this.cluster.masterOf(lock(this.key));
			Set<String> bound = keysOf(master).stream().map(LockKey::objectId).collect(Collectors.toSet());
			assertThat(bound).as("the locks of the master that is to go").hasSizeBetween(1, LOCKS - 1);
			fault.accept(master);
			Deadline leasesOfBefore = Deadline.in(LEASE.plusSeconds(1));
			await("all leases of before have ended").until(leasesOfBefore::hasPassed);
			assertThat(holds).as("the holds, of which those in %s have nobody to renew them", bound)
				.allSatisfy((hold) -> assertThat(hold.isHeld()).as("whether %s is held", hold.objectIds())
					.isEqualTo(!bound.containsAll(hold.objectIds())));
			holds.stream().filter(LockHandle::isHeld).forEach(LockHandle::close);
			master.resume();
		}
	}

	@ParameterizedTest
	@EnumSource(ClusterClient.class)
	void ofManyHoldsTheMastersThatAnswerRenewAndReleaseTheirs(ClusterClient client) {
		LockDriver driver = client.driver(this.cluster.nodes());
		List<LockAttempt> attempts = keys().stream().map(RedisTest::attempt).toList();
		assertThat(driver.acquireFree(attempts)).as("the grants").doesNotContainNull();
		RedisServer master = this.cluster.masterOf(lock(this.key));
		Set<Hold> unknown = holds(attempts, keysOf(master));
		Set<Hold> known = holds(attempts, keys());
		known.removeAll(unknown);
		master.pause();
		long start = System.nanoTime();
		Renewal renewal = driver.renew(holds(attempts, keys()), Duration.ofSeconds(3));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("the time for a lease of three seconds")
			.isLessThan(Duration.ofMillis(1900));
		assertThat(renewal.renewed()).as("what is renewed").containsOnlyKeys(known);
		assertThat(renewal.unknown()).as("what is unknown").containsOnlyKeys(unknown);
		PartialAnswerException release = catchThrowableOfType(PartialAnswerException.class,
				() -> driver.releaseAll(holds(attempts, keys())));
		assertThat(release.released()).as("what is released").isEqualTo(known);
		assertThat(release.unknown()).as("what may be").containsOnlyKeys(unknown);
		master.resume();
	}

	@Test
	void ofManyAttemptsTheMastersThatAnswerGrantTheirs() {
		LockDriver driver = driver();
		List<LockAttempt> attempts = keys().stream().map(RedisTest::attempt).toList();
		driver.acquireFree(attempts);
		driver.releaseAll(holds(attempts, keys()));
		RedisServer master = this.cluster.masterOf(lock(this.key));
		List<LockKey> gone = keysOf(master);
		master.kill();
		PartialAnswerException acquire = catchThrowableOfType(PartialAnswerException.class,
				() -> driver.acquireFree(attempts));
		for (int i = 0; i < LOCKS; i++) {
			Grant grant = acquire.grants().get(i);
			assertThat(grant != null).as("whether %s is granted", attempts.get(i).key())
				.isEqualTo(!gone.contains(attempts.get(i).key()));
		}
		assertThat(acquire.unknown()).as("what may be granted").containsOnlyKeys(holds(attempts, gone));
	}

	private LockDriver driver() {
		return this.clients.driver(new RedisClusterConfiguration(this.cluster.nodes()));
	}

	private List<LockKey> keys() {
		List<LockKey> keys = new ArrayList<>(List.of(this.key));
		for (int i = 1; i < LOCKS; i++) {
			keys.add(new LockKey(NAMESPACE, this.key.objectId() + i));
		}
		return keys;
	}

	/**
	 * Those of the locks that a master has.
	 */
	private List<LockKey> keysOf(RedisServer master) {
		return keys().stream().filter((key) -> !master.cli("EXISTS", lock(key)).startsWith("MOVED")).toList();
	}

	private static Set<Hold> holds(List<LockAttempt> attempts, List<LockKey> keys) {
		return attempts.stream()
			.map(LockAttempt::hold)
			.filter((hold) -> keys.contains(hold.key()))
			.collect(Collectors.toCollection(HashSet::new));
	}

	@AfterEach
	void stopCluster() {
		this.cluster.close();
	}

}
