package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.faults.Contention;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.test.servers.EtcdCluster;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Three members of etcd, of which some are killed or paused during holds and waits.
 */
class EtcdClusterFaultTests extends EtcdTestBase {

	private static final String ID = "net-1";

	private static final Duration LEASE = Duration.ofSeconds(6);

	private static final Duration SHORT_LEASE = Duration.ofSeconds(3);

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final int CLIENTS = 3;

	private static final int GRANTS_BETWEEN_FAULTS = 60;

	private static EtcdCluster cluster;

	private TestEtcd etcd;

	@BeforeAll
	static void start() {
		cluster = EtcdCluster.start();
	}

	@AfterAll
	static void stop() {
		cluster.close();
	}

	@BeforeEach
	void connect() {
		this.etcd = closing(TestEtcd.of(cluster, TIMEOUT));
	}

	@AfterEach
	void heal() {
		cluster.heal();
	}

	@Test
	void aHoldAndItsWaitersOutliveTheDeathOfTheLeader() throws Exception {
		assertHoldAndWaitersOutlive(() -> cluster.leader().kill());
	}

	@Test
	void aHoldAndItsWaitersOutliveTheLossOfAMinority() throws Exception {
		assertHoldAndWaitersOutlive(() -> cluster.followers().get(0).kill());
	}

	@Test
	void aHoldAndItsWaitersOutliveAFollowerThatHangs() throws Exception {
		assertHoldAndWaitersOutlive(() -> cluster.followers().get(0).pause());
	}

	@Test
	void aHoldAndItsWaitersOutliveALeaderThatHangs() throws Exception {
		assertHoldAndWaitersOutlive(() -> cluster.leader().pause());
	}

	private void assertHoldAndWaitersOutlive(Runnable fault) throws Exception {
		Instance holder = instance(LEASE);
		LockHandle hold = holder.lock().acquire(LockRequest.of(ID));
		List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			Instance instance = instance(LEASE);
			waiters.add(later(() -> instance.lock().acquire(LockRequest.of(ID))));
			int expected = i + 2;
			await("the waiter is in line").until(() -> this.etcd.all().size() == expected);
		}
		fault.run();
		Deadline end = Deadline.in(LEASE);
		Duration left = hold.remaining();
		await("the hold is renewed").until(() -> hold.remaining().compareTo(left) > 0);
		await("the lease that there was would have ended").until(end::hasPassed);
		assertThat(hold.isHeld()).as("whether the hold goes on").isTrue();
		assertThat(holder.events()).as("its losses").isEmpty();
		assertThat(waiters).as("the waiters while the lock is held").noneMatch(CompletableFuture::isDone);
		release(hold);
		assertServedInTurn(hold.fencingToken(), waiters);
		cluster.heal();
		await("nothing is left").until(() -> this.etcd.all().isEmpty());
	}

	@Test
	void withoutAMajorityTheHolderIsToldAtItsDeadlineAndAllWaitersAreServedAfterwards() throws Exception {
		Instance holder = instance(SHORT_LEASE);
		LockHandle hold = holder.lock().acquire(LockRequest.of(ID));
		AtomicInteger told = new AtomicInteger();
		hold.onLost(told::incrementAndGet);
		List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			Instance instance = instance(Duration.ofMinutes(1));
			waiters.add(later(() -> instance.lock().acquire(LockRequest.of(ID))));
			int expected = i + 2;
			await("the waiter is in line").until(() -> this.etcd.all().size() == expected);
		}
		cluster.followers().forEach(EtcdServer::kill);
		awaitLater(SHORT_LEASE, "the lease ends");
		assertThat(hold.isHeld()).as("whether the hold outlives its lease").isFalse();
		await("the holder is told").until(() -> told.get() == 1 && holder.events().size() == 1);
		assertThatExceptionOfType(LockLostException.class).as("closing a lost hold").isThrownBy(hold::close);
		assertThat(waiters).as("the waiters without a majority").noneMatch(CompletableFuture::isDone);
		cluster.heal();
		assertServedInTurn(hold.fencingToken(), waiters);
		await("nothing is left").until(() -> this.etcd.all().isEmpty());
	}

	@Test
	void withoutAMajorityCallsFailInTime() throws Exception {
		Instance instance = instance(SHORT_LEASE);
		instance.lock().acquire(LockRequest.of("before")).close();
		cluster.followers().forEach(EtcdServer::pause);
		long start = System.nanoTime();
		CompletableFuture<LockHandle> tried = later(
				() -> instance.lock().acquire(LockRequest.of(ID).withWait(Duration.ZERO)));
		assertThat(tried).as("a try").failsWithin(PATIENCE);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("how long a try took")
			.isLessThan(TIMEOUT.multipliedBy(4));
		cluster.heal();
		await("what was asked for in vain is gone").until(() -> this.etcd.all().isEmpty());
		Instance other = instance(SHORT_LEASE);
		assertThat(later(() -> other.lock().acquire(LockRequest.of(ID)))).as("the lock for another")
			.succeedsWithin(PATIENCE);
	}

	@Test
	void holdsNeverOverlapAndTokensRiseWhileMembersComeAndGo() {
		Contention contention = new Contention(ID, PATIENCE);
		for (int i = 0; i < CLIENTS; i++) {
			Instance instance = instance(SHORT_LEASE);
			for (int j = 0; j < 2; j++) {
				contention.join(instance.lock());
			}
		}
		List<Runnable> faults = List.of(() -> cluster.leader().kill(), () -> cluster.leader().pause(),
				() -> cluster.followers().get(0).kill(), () -> cluster.followers().forEach(EtcdServer::kill),
				() -> cluster.members().forEach(EtcdServer::pause));
		try {
			for (Runnable fault : faults) {
				contention.awaitMore(GRANTS_BETWEEN_FAULTS);
				fault.run();
				awaitLater(SHORT_LEASE.plusSeconds(1), "leases end that cannot be renewed");
				cluster.heal();
			}
			contention.awaitMore(GRANTS_BETWEEN_FAULTS);
		}
		finally {
			contention.stop();
		}
		contention.check();
	}

	private static void assertServedInTurn(long token, List<CompletableFuture<LockHandle>> waiters) {
		long last = token;
		List<CompletableFuture<LockHandle>> left = new ArrayList<>(waiters);
		while (!left.isEmpty()) {
			await("a waiter is served").until(() -> left.stream().anyMatch(CompletableFuture::isDone));
			List<CompletableFuture<LockHandle>> served = left.stream().filter(CompletableFuture::isDone).toList();
			assertThat(served).as("the waiters that are served at a time").hasSize(1);
			LockHandle hold = served.get(0).join();
			assertThat(hold.isHeld()).as("whether the waiter holds").isTrue();
			assertThat(hold.fencingToken()).as("its token").isGreaterThan(last);
			last = hold.fencingToken();
			left.removeAll(served);
			release(hold);
		}
	}

	private static void release(LockHandle hold) {
		try {
			hold.close();
		}
		catch (LockStoreException ex) {
			// Both requests went to the member that hangs. The release is settled in the
			// background, or the waiters would not be served.
			assertThat(ex.isRefused()).as("whether the release was refused").isFalse();
		}
	}

	private Instance instance(Duration lease) {
		List<LockEvent> events = new CopyOnWriteArrayList<>();
		LockEngine engine = new LockEngine(this.etcd.driver(),
				new EngineSettings("faults", EngineSettings.newInstanceName(), lease, null, null, HandOver.DEFAULT),
				events::add);
		return closing(new Instance(engine, events));
	}

	/**
	 * An application's instance, and what it was told.
	 */
	private record Instance(LockEngine lock, List<LockEvent> events) implements AutoCloseable {

		@Override
		public void close() {
			this.lock.close();
		}

	}

}
