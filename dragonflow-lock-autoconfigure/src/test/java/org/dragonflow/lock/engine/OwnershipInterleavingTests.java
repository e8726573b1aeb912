package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.engine.Transactions.Kept;
import org.dragonflow.lock.engine.grant.EngineGrant;
import org.dragonflow.lock.engine.grant.EngineGrant.HoldListener;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A thread that locks again and unlocks, while the transactions that keep its hold
 * complete on other threads: whatever way these fall between each other, the hold is
 * released by the last one, and by no other.
 */
class OwnershipInterleavingTests {

	private static final LockKey KEY = new LockKey("interleavings", "net-1");

	@Test
	void leaveAHoldWithItsUses() {
		InterleavingTests.check(new ModelCheckingOptions().iterations(10)
			.invocationsPerIteration(200)
			.threads(2)
			.actorsBefore(0)
			.actorsPerThread(4)
			.actorsAfter(0)
			.sequentialSpecification(OwnedLockModel.class), OwnedLock.class);
	}

	/**
	 * One id, of the one thread that locks it; another one completes transactions.
	 */
	public static class OwnedLock {

		private final Lines lines = new Lines();

		private final Queue<Kept> transactions = new ConcurrentLinkedQueue<>();

		private final AtomicInteger taken = new AtomicInteger();

		private final AtomicInteger released = new AtomicInteger();

		private final AtomicInteger releasedTwice = new AtomicInteger();

		private final ThreadOwnership ownership = new ThreadOwnership(this::take, this::release,
				(hold) -> this.begun && this.transactions.add(hold));

		private boolean begun;

		private @Nullable LockKey take(Request request, List<EngineHold> holds) {
			if (!request.keys().isEmpty()) {
				EngineGrant grant = new EngineGrant(new LockAttempt(KEY, "me", request.lease(), request.waitUntil()),
						this.lines.enter(request, KEY), new Unheard());
				grant.granted(new Grant(1, Deadline.NEVER), null);
				holds.add(grant.first());
				this.taken.incrementAndGet();
			}
			return null;
		}

		private void release(List<EngineHold> holds) {
			for (EngineHold hold : holds) {
				(hold.beginRelease() ? this.released : this.releasedTwice).incrementAndGet();
			}
		}

		@Operation(nonParallelGroup = "the owner")
		public void lock() throws InterruptedException {
			this.ownership.takeAll(new Request(List.of(KEY), Duration.ofDays(1), Deadline.NEVER, Thread.currentThread(),
					true, null, Set.of()), new ArrayList<>());
		}

		@Operation(nonParallelGroup = "the owner")
		public void lockInTransaction() throws InterruptedException {
			this.begun = true;
			lock();
			this.begun = false;
		}

		@Operation(nonParallelGroup = "the owner")
		public boolean unlock() {
			try {
				this.ownership.end(KEY.objectId());
				return true;
			}
			catch (IllegalMonitorStateException ex) {
				return false;
			}
		}

		@Operation(nonParallelGroup = "the owner")
		public boolean isHeld() {
			return this.ownership.get(KEY.objectId()) != null;
		}

		@Operation(nonParallelGroup = "transactions")
		public boolean complete() {
			Kept hold = this.transactions.poll();
			if (hold == null) {
				return false;
			}
			hold.owner().transactionCompleted(List.of(hold));
			return true;
		}

		/**
		 * Nothing is released twice, and nothing but what is used is left.
		 */
		@Validate
		public void eachIsReleasedOnce() {
			if (this.releasedTwice.get() != 0 || this.taken.get() - this.released.get() > 1) {
				throw new IllegalStateException(this.taken + " taken, " + this.released + " released, "
						+ this.releasedTwice + " of them twice");
			}
		}

	}

	/**
	 * The same for one thread at a time.
	 */
	public static class OwnedLockModel {

		private int locks;

		private int transactions;

		public void lock() {
			this.locks++;
		}

		public void lockInTransaction() {
			this.transactions++;
			this.locks++;
		}

		public boolean unlock() {
			boolean locked = this.locks > 0;
			this.locks -= locked ? 1 : 0;
			return locked;
		}

		public boolean isHeld() {
			return this.locks + this.transactions > 0;
		}

		public boolean complete() {
			boolean open = this.transactions > 0;
			this.transactions -= open ? 1 : 0;
			return open;
		}

	}

	private static final class Unheard implements HoldListener {

		@Override
		public void lost(EngineHold hold, String reason) {
		}

		@Override
		public void revoked(EngineHold hold) {
		}

	}

}
