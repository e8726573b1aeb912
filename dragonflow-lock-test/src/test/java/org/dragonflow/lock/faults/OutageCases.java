package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What holders and waiters see while their store stops, hangs or forgets.
 */
abstract class OutageCases extends FaultBase {

	OutageCases(FaultyStore store) {
		super(store);
	}

	@Test
	void aHoldAndAWaiterOutliveAnOutage() throws Exception {
		Client holder = client(LEASE);
		LockHandle hold = holder.acquire(ID);
		CompletableFuture<LockHandle> waiter = waitingFor(client(LEASE), LockRequest.of(ID));
		breakDown();
		awaitRenewal(hold);
		assertThat(holder.events()).as("losses of a hold whose lease outlasts the outage").isEmpty();
		assertThat(waiter).as("a waiter while the lock is held").isNotDone();
		hold.close();
		assertThat(waiter).as("the waiter, woken by the release and not by the end of the lease")
			.succeedsWithin(LEASE.dividedBy(2));
		assertServedAfter(hold, waiter);
		assertNothingIsLeft();
	}

	@Test
	void aWaiterOutlivesOneOutageAfterTheOther() throws Exception {
		LockHandle hold = client(LONG_LEASE).acquire(ID);
		CompletableFuture<LockHandle> waiter = waitingFor(client(LEASE), LockRequest.of(ID));
		breakDown();
		awaitLater(LEASE, "more time than a waiter bears without its store");
		breakDown();
		awaitLater(Duration.ofSeconds(1), "the waiter waits on");
		assertThat(waiter).as("a waiter while the lock is held").isNotDone();
		hold.close();
		assertServedAfter(hold, waiter);
	}

	@Test
	void aHolderIsToldAtItsDeadlineThatTheStoreIsDown() throws Exception {
		Client holder = client(SHORT_LEASE);
		LockHandle hold = holder.acquire(ID);
		AtomicInteger told = countLosses(hold);
		CompletableFuture<LockHandle> waiter = waitingFor(client(LEASE), LockRequest.of(ID).withLease(LONG_LEASE));
		this.store.stop();
		assertLostAfter(SHORT_LEASE, hold, holder, told);
		assertThat(waiter).as("a waiter without a store").isNotDone();
		this.store.restart();
		assertServedAfter(hold, waiter);
		assertNothingIsLeft();
	}

	@Test
	void aHolderIsToldAtItsDeadlineThatTheStoreHangs() throws Exception {
		Client holder = client(SHORT_LEASE);
		LockHandle hold = holder.acquire(ID);
		AtomicInteger told = countLosses(hold);
		this.store.pause();
		assertLostAfter(SHORT_LEASE, hold, holder, told);
		this.store.resume();
		assertServedAfter(hold, client(LEASE).acquireLater(LockRequest.of(ID)));
		assertNothingIsLeft();
	}

	@Test
	void callsFailInTimeWhileTheStoreHangs() throws Exception {
		Client client = client(LEASE);
		LockHandle hold = client.lock().acquire(LockRequest.of(ID).withLease(LONG_LEASE));
		this.store.pause();
		assertThat(client.acquireLater(LockRequest.of("net-2").withWait(Duration.ZERO))).as("a try to lock")
			.failsWithin(PATIENCE)
			.withThrowableThat()
			.withCauseInstanceOf(LockStoreException.class);
		CompletableFuture<?> release = client.later(Executors.callable(hold::close));
		assertThat(release).as("a release")
			.failsWithin(PATIENCE)
			.withThrowableThat()
			.withCauseInstanceOf(LockStoreException.class);
		assertThat(hold.isHeld()).as("whether the hold is there after the failed release").isFalse();
		this.store.resume();
		// Both are settled in the background: no lease of theirs has to end for this.
		Client other = client(LONG_LEASE);
		assertServedAfter(hold, other.acquireLater(LockRequest.of(ID)));
		assertThat(other.acquireLater(LockRequest.of("net-2"))).as("the lock whose attempt had failed")
			.succeedsWithin(PATIENCE)
			.satisfies(LockHandle::close);
		assertNothingIsLeft();
	}

	@Test
	void aHolderIsToldThatItsRecordWasDeleted() throws Exception {
		Client holder = client(SHORT_LEASE);
		LockHandle hold = holder.acquire(ID);
		AtomicInteger told = countLosses(hold);
		CompletableFuture<LockHandle> waiter = waitingFor(client(LEASE), LockRequest.of(ID));
		this.store.deleteRecords();
		await("the next renewal finds out").until(() -> !hold.isHeld());
		assertTold(hold, holder, told);
		assertServedAfter(hold, waiter);
		assertNothingIsLeft();
	}

	/**
	 * Long enough for everybody to notice.
	 */
	private void breakDown() {
		this.store.kill();
		awaitLater(Duration.ofSeconds(1), "nobody can go on");
		this.store.restart();
	}

	private static void awaitLater(Duration time, String description) {
		long start = System.nanoTime();
		await(description).until(() -> System.nanoTime() - start > time.toNanos());
	}

	private void assertLostAfter(Duration lease, LockHandle hold, Client holder, AtomicInteger told) {
		// No renewal can have been sent after this moment and be answered.
		awaitLater(lease, "the lease ends");
		assertThat(hold.isHeld()).as("whether the hold outlives its lease").isFalse();
		assertTold(hold, holder, told);
	}

}
