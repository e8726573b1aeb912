package org.dragonflow.lock.registry;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/**
 * One hold, or an attempt at one. A registry's lock belongs to the thread that took it,
 * so each hold has a thread of its own, which does whatever is done with the lock.
 */
final class RegistryHold {

	private static final Duration LONGEST_WAIT = Duration.ofHours(1);

	/**
	 * A registry may wait for a message that says that the lock is free, as the one for
	 * Redis does. The end of a lease sends none.
	 */
	private static final Duration LONGEST_WAIT_FOR_LEASED = Duration.ofSeconds(1);

	private final LockRegistry<?> registry;

	private final Hold hold;

	private final ExecutorService executor;

	private final long sinceNanoTime = System.nanoTime();

	private volatile @Nullable Thread thread;

	private volatile Duration lease;

	private volatile Deadline validUntil = Deadline.NEVER;

	private volatile boolean releaseUnconfirmed;

	/**
	 * The lock as it was taken. A registry may forget it, and would give out another one,
	 * which is not ours to unlock. Of the hold's own thread only.
	 */
	private @Nullable Lock taken;

	RegistryHold(LockRegistry<?> registry, LockAttempt attempt) {
		this(registry, attempt, LockThreads.named("registry-" + attempt.owner()));
	}

	RegistryHold(LockRegistry<?> registry, LockAttempt attempt, ThreadFactory threads) {
		this.registry = registry;
		this.hold = attempt.hold();
		this.lease = attempt.lease();
		this.executor = Executors.newSingleThreadExecutor((task) -> {
			Thread created = threads.newThread(task);
			this.thread = created;
			return created;
		});
	}

	/**
	 * Takes the lock.
	 * @return whether it is held now
	 */
	boolean take(Deadline waitUntil) throws InterruptedException {
		Future<Boolean> taking = submit(() -> tryUntil(waitUntil));
		try {
			return taking.get();
		}
		catch (ExecutionException ex) {
			throw unreachable("take", ex);
		}
		catch (InterruptedException ex) {
			interrupt();
			// The registry may have had its grant before the interrupt came. Who is told
			// of an interrupt must hold nothing, so the answer is waited for.
			if (isTaken(taking)) {
				release();
			}
			throw ex;
		}
	}

	private static boolean isTaken(Future<Boolean> taking) {
		try {
			return await(taking, Deadline.NEVER);
		}
		catch (ExecutionException | TimeoutException ex) {
			// The end that the interrupt was to bring about.
			return false;
		}
	}

	private boolean tryUntil(Deadline waitUntil) throws InterruptedException {
		while (!tryFor(waitUntil.remaining())) {
			if (waitUntil.hasPassed()) {
				return false;
			}
			if (Thread.interrupted()) {
				throw new InterruptedException();
			}
		}
		return true;
	}

	/**
	 * Waits for a second or a part of a lease at most. The lease counts from some moment
	 * in the wait and nobody tells which, so it is counted from the beginning of the
	 * wait.
	 */
	private boolean tryFor(Duration time) throws InterruptedException {
		Lock lock = this.registry.obtain(name());
		boolean taken = tryFor(time, lock);
		if (taken) {
			this.taken = lock;
		}
		return taken;
	}

	private boolean tryFor(Duration time, Lock lock) throws InterruptedException {
		if (lock instanceof DistributedLock leased) {
			long sent = System.nanoTime();
			boolean taken = leased.tryLock(shorter(time, shorter(LONGEST_WAIT_FOR_LEASED, this.lease.dividedBy(3))),
					this.lease);
			this.validUntil = Deadline.ofLease(sent, this.lease);
			return taken;
		}
		// Not a timed try of no time: ZooKeeper's registry gives up then before the
		// server has answered.
		return time.isZero() ? lock.tryLock()
				: lock.tryLock(shorter(time, LONGEST_WAIT).toNanos(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Starts to renew; a registry whose locks have no lease has nothing to do.
	 * @return whether the hold is renewed, for {@link #isRenewed}
	 */
	Future<Boolean> renew(Duration lease) {
		this.lease = lease;
		return submit(() -> {
			if (this.registry instanceof RenewableLockRegistry<?> renewable) {
				long sent = System.nanoTime();
				try {
					renewable.renewLock(name(), lease);
				}
				catch (IllegalStateException | IllegalMonitorStateException ex) {
					// How registries say that the record is gone or another's.
					this.validUntil = Deadline.in(Duration.ZERO);
					return false;
				}
				this.validUntil = Deadline.ofLease(sent, lease);
			}
			return true;
		});
	}

	boolean isRenewed(Future<Boolean> renewal, Deadline patience) {
		try {
			return await(renewal, patience);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw unreachable("renew", ex);
		}
	}

	Hold hold() {
		return this.hold;
	}

	/**
	 * Releases.
	 * @return false if the hold had ended before
	 */
	boolean release() {
		try {
			return await(submit(this::unlock), Deadline.NEVER);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw unreachable("release", ex);
		}
	}

	private boolean unlock() throws InterruptedException {
		// A registry forgets that a thread has the lock also where its store did not
		// answer. To ask again, the lock is taken again, which succeeds as long as the
		// record is this client's.
		if (this.releaseUnconfirmed && !tryFor(Duration.ZERO)) {
			return false;
		}
		this.releaseUnconfirmed = true;
		Lock lock = Objects.requireNonNull(this.taken, "Only what was taken is released");
		try {
			lock.unlock();
			return true;
		}
		catch (ConcurrentModificationException | IllegalMonitorStateException ex) {
			return false;
		}
	}

	/**
	 * Ends the wait of an attempt.
	 */
	void interrupt() {
		Thread waiting = this.thread;
		if (waiting != null) {
			waiting.interrupt();
		}
	}

	/**
	 * Ends the thread. A lock that it has is left to its lease.
	 */
	void end() {
		this.executor.shutdownNow();
	}

	Deadline validUntil() {
		return this.validUntil;
	}

	LockRecord record(long token) {
		Duration age = Duration.ofNanos(System.nanoTime() - this.sinceNanoTime);
		return new LockRecord(this.hold, token, age, this.validUntil.remaining());
	}

	private String name() {
		return this.hold.key().name();
	}

	private <T> Future<T> submit(Callable<T> action) {
		try {
			return this.executor.submit(action);
		}
		catch (RejectedExecutionException ex) {
			throw LockStoreException.refused("The registry lock driver has been closed; '" + this.hold.key().objectId()
					+ "' can no longer be locked or released by it", ex);
		}
		catch (OutOfMemoryError ex) {
			// Only the first action needs it, so nothing is held.
			throw LockStoreException.unreachable(
					"No thread could be started to lock '" + this.hold.key().objectId() + "' by the lock registry", ex);
		}
	}

	private LockStoreException unreachable(String what, Exception ex) {
		return LockStoreException.unreachable("The lock registry " + this.registry.getClass().getName() + " failed to "
				+ what + " the lock on '" + this.hold.key().objectId() + "'",
				(ex.getCause() != null) ? ex.getCause() : ex);
	}

	/**
	 * The result of what ends soon, also when interrupted.
	 */
	private static <T> T await(Future<T> result, Deadline patience) throws ExecutionException, TimeoutException {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return result.get(Math.max(0, patience.remainingNanos()), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

}
