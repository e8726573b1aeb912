package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.LockHandle;
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
		Contention contention = new Contention(this.id, PATIENCE);
		for (int i = 0; i < CLIENTS; i++) {
			contention.join(instance(ensemble.connectString(), SHORT_LEASE).lock());
		}
		try {
			contention.awaitMore(GRANTS_AROUND_A_FAULT);
			fault.strike();
			awaitLater(SHORT_LEASE.plusSeconds(1), "the fault lasts longer than a session");
			ensemble.heal();
			contention.awaitMore(GRANTS_AROUND_A_FAULT);
		}
		finally {
			contention.stop();
		}
		contention.check();
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

}
