package org.dragonflow.lock.local;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * The driver for a single JVM: its store is this JVM's memory. Locks exclude the threads
 * of one process, and nobody else. Meant for applications that run as one instance, and
 * for tests of code that locks. Waiters are served in the order in which they came, and
 * without polling.
 */
public final class LocalLockDriver implements LockDriver {

	private final LocalLockStore store;

	private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	/**
	 * Creates a client of a new, empty store.
	 */
	public LocalLockDriver() {
		this(new LocalLockStore());
	}

	LocalLockDriver(LocalLockStore store) {
		this.store = store;
	}

	/**
	 * Creates another client of this one's store. Either may be closed without the other.
	 * @return a new client
	 */
	public LocalLockDriver newClient() {
		return new LocalLockDriver(this.store);
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		failIfClosed(attempt.key());
		LocalLockStore.Waiter waiter = new LocalLockStore.Waiter(attempt);
		this.store.enter(waiter);
		Grant grant = waiter.grant;
		return (grant != null) ? grant : await(waiter);
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		long sent = System.nanoTime();
		Set<Hold> lost = new HashSet<>();
		Set<Hold> revocations = new HashSet<>();
		for (Hold hold : holds) {
			if (!this.store.renew(hold, lease)) {
				lost.add(hold);
			}
			else if (this.store.isRevoked(hold)) {
				revocations.add(hold);
			}
		}
		return Renewal.of(holds, Deadline.ofLease(sent, lease), lost, revocations);
	}

	@Override
	public boolean release(Hold hold) {
		return this.store.release(hold);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		return this.store.look(key);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return this.store.revoke(hold);
	}

	@Override
	public void close() {
		this.closed = true;
		this.waiting.forEach(LockSupport::unpark);
	}

	private @Nullable Grant await(LocalLockStore.Waiter waiter) throws InterruptedException {
		LockAttempt attempt = waiter.attempt;
		boolean served = false;
		this.waiting.add(waiter.thread);
		try {
			while (waiter.grant == null && !attempt.waitUntil().hasPassed()) {
				// After the thread is known to close(), so that one of them sees the
				// other.
				failIfClosed(attempt.key());
				Deadline lookAgain = this.store.lookAgain(attempt.key());
				if (waiter.grant == null) {
					LockSupport.parkNanos(this.store, attempt.waitUntil().orEarlier(lookAgain).remainingNanos());
				}
				if (Thread.interrupted()) {
					throw new InterruptedException("Interrupted while waiting for the lock " + attempt.key());
				}
			}
			served = true;
		}
		finally {
			this.waiting.remove(waiter.thread);
			if (this.store.leave(waiter) != null && !served) {
				this.store.release(attempt.hold());
			}
		}
		return waiter.grant;
	}

	private void failIfClosed(LockKey key) {
		if (this.closed) {
			throw LockStoreException.refused("Cannot acquire the lock " + key
					+ ": the local lock driver has been closed; lock before the application shuts down", null);
		}
	}

}
