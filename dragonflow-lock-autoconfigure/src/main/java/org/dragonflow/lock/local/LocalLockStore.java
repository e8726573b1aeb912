package org.dragonflow.lock.local;

import java.time.Duration;
import java.util.LinkedList;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * The records and the queues of one JVM. An entry is there only while its key is held or
 * waited for.
 */
final class LocalLockStore {

	private static final int SWEEP_THRESHOLD = 1024;

	private final ConcurrentHashMap<LockKey, Entry> entries = new ConcurrentHashMap<>();

	// One counter for all keys: it outlives every entry, and leaves nothing per key. It
	// starts from the clock, in microseconds, for what is fenced may outlive this JVM.
	private final AtomicLong tokens = new AtomicLong(TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()));

	private volatile long sweepAt = SWEEP_THRESHOLD;

	/**
	 * Grants, or puts the waiter into the queue. Queues even where the wait has ended, so
	 * every waiter without a grant has to {@link #leave} or to wait.
	 */
	void enter(Waiter waiter) {
		if (this.entries.mappingCount() >= this.sweepAt) {
			sweep();
		}
		this.entries.compute(waiter.attempt.key(), (key, present) -> {
			Entry entry = (present != null) ? present : new Entry();
			entry.advance();
			Lease holder = entry.holder;
			if (holder == null) {
				entry.grant(waiter, this.tokens.incrementAndGet(), System.nanoTime());
			}
			else if (holder.hold.equals(waiter.attempt.hold())) {
				entry.grant(waiter, holder.token, holder.grantedAt);
			}
			else {
				entry.waiters.add(waiter);
			}
			return entry;
		});
	}

	/**
	 * Serves the first waiter if the holder's lease has ended.
	 * @return when to look again
	 */
	Deadline lookAgain(LockKey key) {
		Entry entry = advance(key);
		Lease holder = (entry != null) ? entry.holder : null;
		return (holder != null) ? holder.end : Deadline.NEVER;
	}

	/**
	 * Gives up the place in the queue.
	 * @return the grant that came before that, if one did
	 */
	@Nullable Grant leave(Waiter waiter) {
		this.entries.computeIfPresent(waiter.attempt.key(), (key, entry) -> {
			entry.waiters.remove(waiter);
			return entry.advance() ? entry : null;
		});
		return waiter.grant;
	}

	boolean renew(Hold hold, Duration lease) {
		return change(hold, (holder) -> holder.until(Deadline.in(lease)));
	}

	boolean release(Hold hold) {
		boolean[] released = new boolean[1];
		this.entries.computeIfPresent(hold.key(), (key, entry) -> {
			if (entry.isHeldBy(hold)) {
				released[0] = true;
				entry.holder = null;
			}
			return entry.advance() ? entry : null;
		});
		return released[0];
	}

	/**
	 * Marks a hold as one whose release is asked for.
	 * @return whether there is such a hold
	 */
	boolean revoke(Hold hold) {
		return change(hold, Lease::asRevoked);
	}

	boolean isRevoked(Hold hold) {
		Entry entry = this.entries.get(hold.key());
		Lease holder = (entry != null) ? entry.holder : null;
		return holder != null && holder.hold.equals(hold) && holder.revoked;
	}

	@Nullable LockRecord look(LockKey key) {
		Entry entry = this.entries.get(key);
		Lease holder = (entry != null) ? entry.holder : null;
		if (holder == null || holder.end.hasPassed()) {
			return null;
		}
		Duration age = Duration.ofNanos(System.nanoTime() - holder.grantedAt);
		return new LockRecord(holder.hold, holder.token, age, holder.end.remaining());
	}

	/**
	 * How many keys the store has something for.
	 */
	long size() {
		return this.entries.mappingCount();
	}

	/**
	 * Changes the lease of a hold.
	 * @return false if there is no such hold
	 */
	private boolean change(Hold hold, UnaryOperator<Lease> change) {
		Entry entry = this.entries.computeIfPresent(hold.key(), (key, present) -> {
			present.advance();
			Lease holder = present.holder;
			if (holder != null && holder.hold.equals(hold)) {
				present.holder = change.apply(holder);
			}
			return (holder != null) ? present : null;
		});
		return entry != null && entry.isHeldBy(hold);
	}

	private @Nullable Entry advance(LockKey key) {
		return this.entries.computeIfPresent(key, (same, entry) -> entry.advance() ? entry : null);
	}

	// Leases that ended unreleased and unwaited for are found by nobody else. Sweeping
	// when the map has doubled keeps them bounded, at a constant cost per grant.
	private void sweep() {
		this.sweepAt = Long.MAX_VALUE;
		this.entries.keySet().forEach(this::advance);
		this.sweepAt = 2 * this.entries.mappingCount() + SWEEP_THRESHOLD;
	}

	/**
	 * An attempt and its thread.
	 */
	static final class Waiter {

		final LockAttempt attempt;

		final Thread thread = Thread.currentThread();

		volatile @Nullable Grant grant;

		Waiter(LockAttempt attempt) {
			this.attempt = attempt;
		}

	}

	private record Lease(Hold hold, long token, long grantedAt, Deadline end, boolean revoked) {

		Lease until(Deadline end) {
			return new Lease(this.hold, this.token, this.grantedAt, end, this.revoked);
		}

		Lease asRevoked() {
			return new Lease(this.hold, this.token, this.grantedAt, this.end, true);
		}

	}

	/**
	 * The state of one key, changed only inside the map's atomic operations on the key.
	 */
	private final class Entry {

		final Queue<Waiter> waiters = new LinkedList<>();

		volatile @Nullable Lease holder;

		boolean isHeldBy(Hold hold) {
			Lease lease = this.holder;
			return lease != null && lease.hold.equals(hold);
		}

		/**
		 * Brings the entry up to date: the lock goes to the first waiter once it is free.
		 * @return false if nobody holds it, and so nobody waits
		 */
		boolean advance() {
			Lease lease = this.holder;
			if (lease != null && !lease.end.hasPassed()) {
				return true;
			}
			this.holder = null;
			Waiter next = this.waiters.poll();
			if (next == null) {
				return false;
			}
			grant(next, LocalLockStore.this.tokens.incrementAndGet(), System.nanoTime());
			if (next.thread != Thread.currentThread()) {
				LockSupport.unpark(next.thread);
			}
			return true;
		}

		void grant(Waiter waiter, long token, long grantedAt) {
			long now = System.nanoTime();
			Duration lease = waiter.attempt.lease();
			this.holder = new Lease(waiter.attempt.hold(), token, grantedAt, Deadline.after(now, lease), false);
			waiter.grant = new Grant(token, Deadline.ofLease(now, lease));
		}

	}

}
