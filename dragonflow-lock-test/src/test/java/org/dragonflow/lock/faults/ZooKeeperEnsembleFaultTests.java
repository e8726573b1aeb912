package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.LockException;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.test.servers.ZooKeeperEnsemble;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of holds and waits while one or two of three servers crash or hang.
 */
class ZooKeeperEnsembleFaultTests extends ZooKeeperFaultBase {

	private static final int CLIENTS = 4;

	private static final int GRANTS_AROUND_A_FAULT = 100;

	private static final ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.start();

	private final String id = UUID.randomUUID().toString();

	@BeforeEach
	void heal() {
		ensemble.heal();
	}

	@AfterAll
	static void stopEnsemble() {
		ensemble.close();
	}

	enum Fault {

		LEADER_KILLED(true, true, false), LEADER_PAUSED(true, false, false), FOLLOWER_KILLED(false, true, false),
		MAJORITY_KILLED(true, true, true), MAJORITY_PAUSED(true, false, true);

		private final boolean leader;

		private final boolean killed;

		private final boolean majority;

		Fault(boolean leader, boolean killed, boolean majority) {
			this.leader = leader;
			this.killed = killed;
			this.majority = majority;
		}

		void strike() {
			List<ZooKeeperServer> victims = new ArrayList<>();
			List<ZooKeeperServer> followers = ensemble.followers();
			if (this.leader) {
				victims.add(ensemble.leader());
			}
			if (!this.leader || this.majority) {
				victims.add(followers.get(0));
			}
			victims.forEach(this.killed ? ZooKeeperServer::kill : ZooKeeperServer::pause);
		}

	}

	@ParameterizedTest
	@EnumSource
	void holdsNeverOverlapTokensRiseAndAllAreServedAfterwards(Fault fault) {
		Queue<Window> history = new ConcurrentLinkedQueue<>();
		AtomicBoolean done = new AtomicBoolean();
		List<CompletableFuture<Void>> workers = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			Instance instance = instance(ensemble.connectString(), SHORT_LEASE);
			workers.add(instance.later(() -> work(instance, history, done)));
		}
		try {
			awaitMoreGrants(history);
			fault.strike();
			awaitLater(SHORT_LEASE.plusSeconds(1), "the fault lasts longer than a session");
			ensemble.heal();
			awaitMoreGrants(history);
		}
		finally {
			done.set(true);
		}
		assertThat(CompletableFuture.allOf(workers.toArray(CompletableFuture[]::new))).as("the workers")
			.succeedsWithin(PATIENCE);
		check(history.stream().sorted(Comparator.comparingLong(Window::token)).toList());
		assertNothingIsLeft(ensemble.connectString(), this.id);
	}

	@Test
	void aHoldAndAWaiterOutliveTheLossOfTheLeader() throws Exception {
		Instance holder = instance(ensemble.connectString(), LONG_LEASE);
		LockHandle hold = holder.acquire(this.id);
		CompletableFuture<LockHandle> waiter = waitingFor(instance(ensemble.connectString(), LONG_LEASE), this.id);
		ZooKeeperServer leader = ensemble.leader();
		leader.kill();
		ensemble.leader();
		assertThat(hold.isHeld()).as("whether the hold outlives the leader").isTrue();
		hold.close();
		assertServedAfter(hold, waiter);
		assertThat(holder.events()).as("losses").isEmpty();
	}

	@Test
	void aHolderIsToldBeforeItsTimeIsOverThatTheMajorityIsGone() throws Exception {
		LockHandle hold = instance(ensemble.connectString(), SHORT_LEASE).acquire(this.id);
		AtomicLong told = lossOf(hold);
		CompletableFuture<LockHandle> waiter = waitingFor(instance(ensemble.connectString(), LONG_LEASE), this.id);
		long struck = System.nanoTime();
		Fault.MAJORITY_PAUSED.strike();
		await("the loss is told").until(() -> told.get() != 0);
		assertThat(Duration.ofNanos(told.get() - struck)).as("when it is told").isLessThan(SHORT_LEASE);
		assertThat(waiter).as("the waiter while nobody can grant").isNotDone();
		awaitLater(SHORT_LEASE, "the session's time is over");
		ensemble.heal();
		assertServedAfter(hold, waiter);
	}

	private static void awaitMoreGrants(Queue<Window> history) {
		int before = history.size();
		await("the lock is taken and released again and again")
			.until(() -> history.size() >= before + GRANTS_AROUND_A_FAULT);
	}

	private Void work(Instance instance, Queue<Window> history, AtomicBoolean done) throws InterruptedException {
		while (!done.get()) {
			try (LockHandle hold = instance.lock().acquire(LockRequest.of(this.id).withWait(Duration.ofSeconds(20)))) {
				long start = System.nanoTime();
				Thread.sleep(1);
				// Taken before the look, so that the hold was there at that moment.
				long end = System.nanoTime();
				if (hold.isHeld()) {
					history.add(new Window(hold.fencingToken(), start, end));
				}
			}
			catch (LockException ex) {
				// There is no majority, or the hold did not outlive that; on to the next.
				continue;
			}
		}
		return null;
	}

	private static void check(List<Window> history) {
		for (int i = 1; i < history.size(); i++) {
			Window before = history.get(i - 1);
			Window after = history.get(i);
			assertThat(after.token()).as("the token of %s, which followed %s", after, before)
				.isGreaterThan(before.token());
			assertThat(after.start() - before.end()).as("the time between %s and %s", before, after).isNotNegative();
		}
	}

	/**
	 * What a holder has seen of its hold, by the clock of this JVM.
	 */
	private record Window(long token, long start, long end) {
	}

}
