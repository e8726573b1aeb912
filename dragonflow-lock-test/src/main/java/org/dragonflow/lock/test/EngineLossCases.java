package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Leases that are kept, and holds that are lost: the holder hears of it, once and in
 * time, and its successor is left alone.
 */
abstract class EngineLossCases extends EngineCases {

	@Test
	void aHoldIsKeptForLongerThanItsLease() throws Exception {
		Duration lease = engineLease();
		Instance holder = start(lease, null);
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		Deadline severalLeases = Deadline.in(lease.multipliedBy(5).dividedBy(2));
		await("Several leases pass").pollInterval(lease.dividedBy(5))
			.atMost(lease.multipliedBy(3).plus(patience()))
			.until(() -> {
				assertRefused(this.bob, this.key);
				assertThat(handle.isHeld()).as("Whether the handle holds after renewals").isTrue();
				return severalLeases.hasPassed();
			});
		handle.close();
		assertThat(holder.events()).as("The losses of a hold that was kept").isEmpty();
		assertFreeAndUnused(this.key);
	}

	@Test
	void theLongestHoldEndsBeforeAnotherHasTheLock() throws Exception {
		Instance holder = start(engineLease(), Duration.ofMillis(1));
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		AtomicInteger losses = Instance.countLosses(handle);
		Background<Boolean> waiter = Background.call(() -> {
			two().lock().lock(this.objectId);
			return handle.isHeld();
		});
		assertThat(waiter.get("Another gets the lock when the longest hold has ended", engineLease().plus(patience())))
			.as("Whether the first handle still holds when another has the lock")
			.isFalse();
		assertToldOnce(holder, handle, losses);
		assertThatExceptionOfType(LockLostException.class).as("The close of a lost handle").isThrownBy(handle::close);
		assertRefused(this.bob, this.key);
	}

	@Test
	void aHoldWhoseLeaseWasEndedIsTold() throws Exception {
		Instance holder = start(engineLease(), null);
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		AtomicInteger losses = Instance.countLosses(handle);
		endLease(this.key);
		Hold successor = take(this.bob, this.key);
		assertToldOnce(holder, handle, losses);
		assertThatExceptionOfType(LockLostException.class).as("The close of a lost handle").isThrownBy(handle::close);
		handle.close();
		assertHeld(this.bob, successor);
	}

	@Test
	void aHoldThatWasBrokenIsTold() throws Exception {
		Instance holder = start(engineLease(), null);
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		AtomicInteger losses = Instance.countLosses(handle);
		assertThat(this.bob.breakHold(record(this.bob, this.key).hold())).as("Whether there was a hold to break")
			.isTrue();
		assertToldOnce(holder, handle, losses);
		assertThat(holder.events()).as("The token in the event of the loss")
			.extracting(LockEvent::fencingToken)
			.containsExactly(handle.fencingToken());
		AtomicInteger late = Instance.countLosses(handle);
		assertThat(late).as("What a listener hears that comes after the loss").hasValue(1);
		assertFreeAndUnused(this.key);
	}

	@Test
	void unlockAfterALossTellsItAndLeavesTheSuccessorAlone() throws Exception {
		one().lock().lock(this.objectId);
		endLease(this.key);
		Hold successor = take(this.bob, this.key);
		assertThatExceptionOfType(LockLostException.class).as("The unlock of a lost hold")
			.isThrownBy(() -> one().lock().unlock(this.objectId))
			.satisfies((ex) -> assertThat(ex.getObjectId()).as("Its object id").isEqualTo(this.objectId));
		assertHeld(this.bob, successor);
		assertThatExceptionOfType(IllegalMonitorStateException.class).as("A second unlock of a lost hold")
			.isThrownBy(() -> one().lock().unlock(this.objectId));
		await("The loss is told as an event").atMost(patience()).until(() -> one().events().size() == 1);
		this.bob.release(successor);
		one().lock().lock(this.objectId, false);
		one().lock().unlock(this.objectId);
	}

	@Test
	void aThreadThatLostItsHoldCannotLockAgainInsideIt() throws Exception {
		Instance holder = start(engineLease(), null);
		holder.lock().lock(this.objectId);
		LockHandle handle = holder.held(this.objectId);
		endLease(this.key);
		await("The loss is noticed").atMost(engineLease().plus(patience())).until(() -> !handle.isHeld());
		assertThatExceptionOfType(LockLostException.class).as("A lock() inside a lost hold")
			.isThrownBy(() -> holder.lock().lock(this.objectId));
		assertThatExceptionOfType(LockLostException.class).as("The unlock of a lost hold")
			.isThrownBy(() -> holder.lock().unlock(this.objectId));
	}

	@Test
	void anInstanceThatStopsTellsItsHoldersAndLetsOthersIn() throws Exception {
		LockHandle handle = one().lock().acquire(LockRequest.of(this.objectId));
		AtomicInteger losses = Instance.countLosses(handle);
		Background<Boolean> waiter = Background.call(() -> {
			two().lock().lock(this.objectId);
			return handle.isHeld();
		}).isWaiting("Another instance waits");
		one().lock().close();
		assertThat(waiter.get("Another instance gets the lock of one that stopped", patience()))
			.as("Whether the stopped instance's handle still holds when another has the lock")
			.isFalse();
		assertToldOnce(one(), handle, losses);
		assertThatIllegalStateException().as("A lock() after the stop")
			.isThrownBy(() -> one().lock().lock(this.objectId));
		assertRefused(this.bob, this.key);
	}

	final void assertToldOnce(Instance holder, LockHandle handle, AtomicInteger losses) {
		await("The loss is told to the handle's listener and as an event").atMost(engineLease().plus(patience()))
			.until(() -> losses.get() > 0 && !holder.events().isEmpty());
		assertThat(handle.isHeld()).as("Whether a lost handle holds").isFalse();
		assertThat(handle.remaining()).as("The time that a lost handle has left").isZero();
		assertThat(losses).as("How many times the handle's listener was told").hasValue(1);
		assertThat(holder.events()).as("The events of the loss")
			.extracting(LockEvent::objectId)
			.containsExactly(this.objectId);
	}

}
