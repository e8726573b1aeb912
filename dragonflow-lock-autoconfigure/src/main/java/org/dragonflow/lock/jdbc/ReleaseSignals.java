package org.dragonflow.lock.jdbc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockThreads;

/**
 * Knows who waits for which key, and wakes them when it may be free. To find out, it has
 * one thread, which runs only while somebody waits, and a little longer.
 */
abstract class ReleaseSignals implements AutoCloseable {

	private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);

	private static final long PAUSE_AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private static final Log logger = LogFactory.getLog(ReleaseSignals.class);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final Map<String, List<Waiter>> waiters = new HashMap<>();

	private final ThreadFactory threads;

	private boolean running;

	private boolean closed;

	private long lastUsed;

	ReleaseSignals(ThreadFactory threads) {
		this.threads = threads;
	}

	/**
	 * Does one round of finding out, on the thread of this object, and calls
	 * {@link #wake} for what it has found.
	 */
	abstract void round();

	/**
	 * Runs on the thread of this object when it ends.
	 */
	void ended() {
	}

	/**
	 * Registers a waiter. A release that was missed just before is found out soon.
	 * @param name the name of the key
	 * @return the waiter, to be closed
	 * @throws LockStoreException if the driver has been closed, or nobody would tell the
	 * waiter of anything, for want of a thread
	 */
	Waiter register(String name) {
		Waiter waiter = new Waiter(name);
		this.lock.lock();
		try {
			checkOpen();
			if (!this.running) {
				LockThreads.start(this.threads, this::run);
				// Not before, for the system may have no more threads.
				this.running = true;
			}
			this.waiters.computeIfAbsent(name, (key) -> new ArrayList<>(1)).add(waiter);
			this.lastUsed = System.nanoTime();
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		return waiter;
	}

	/**
	 * Wakes those who wait for some keys.
	 */
	void wake(Collection<String> names) {
		this.lock.lock();
		try {
			for (String name : names) {
				this.waiters.getOrDefault(name, List.of()).forEach(Waiter::wake);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Told of a release by this driver itself.
	 */
	void released(String name) {
		wake(List.of(name));
	}

	void wakeAll() {
		wake(names());
	}

	/**
	 * The names of the keys that somebody waits for.
	 */
	Set<String> names() {
		this.lock.lock();
		try {
			return new TreeSet<>(this.waiters.keySet());
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * For how long nothing has happened: no waiter has come, and none has been woken.
	 */
	long quietNanos() {
		long now = System.nanoTime();
		this.lock.lock();
		try {
			return this.waiters.values()
				.stream()
				.flatMap(List::stream)
				.mapToLong((waiter) -> now - waiter.since)
				.min()
				.orElse(0);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Pauses the thread of this object, until somebody comes to wait.
	 */
	void pause(long nanos) {
		this.lock.lock();
		try {
			if (!this.closed) {
				this.changed.awaitNanos(nanos);
			}
		}
		catch (InterruptedException ex) {
			// Nobody interrupts this thread; it ends when it is told to.
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isClosed() {
		this.lock.lock();
		try {
			return this.closed;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void close() {
		this.lock.lock();
		try {
			this.closed = true;
			this.changed.signalAll();
			this.waiters.values().forEach((list) -> list.forEach(Waiter::wake));
		}
		finally {
			this.lock.unlock();
		}
	}

	private void run() {
		do {
			while (isNeeded()) {
				attempt(this::round);
			}
			attempt(this::ended);
			// Whoever came meanwhile has started no other thread: two would share what
			// is ended here.
		}
		while (goesOn());
	}

	private void attempt(Runnable step) {
		// A DataSource throws what it likes, also where the system has no thread for it.
		// Without this thread, whoever waits would be told of nothing any more.
		LockThreads.step(step, (ex) -> {
			try {
				logger.warn("Could not find out about released locks; trying on", ex);
			}
			finally {
				pause(PAUSE_AFTER_FAILURE_NANOS);
				wakeAll();
			}
		});
	}

	private boolean isNeeded() {
		this.lock.lock();
		try {
			boolean idle = this.waiters.isEmpty() && System.nanoTime() - this.lastUsed > LINGER_NANOS;
			return !this.closed && !idle;
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean goesOn() {
		this.lock.lock();
		try {
			this.running = isNeeded();
			return this.running;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void checkOpen() {
		if (this.closed) {
			throw LockStoreException.unreachable("The lock driver has been closed", null);
		}
	}

	/**
	 * One attempt that waits.
	 */
	final class Waiter implements AutoCloseable {

		private final Semaphore signal = new Semaphore(0);

		private final String name;

		private volatile long since = System.nanoTime();

		Waiter(String name) {
			this.name = name;
		}

		/**
		 * Waits for a signal.
		 * @return false if there was none in time
		 * @throws InterruptedException if interrupted
		 * @throws LockStoreException if the driver has been closed
		 */
		boolean await(long nanos) throws InterruptedException {
			boolean signalled = this.signal.tryAcquire(nanos, TimeUnit.NANOSECONDS);
			// Several signals before one look are as good as one.
			this.signal.drainPermits();
			if (isClosed()) {
				throw LockStoreException.unreachable("The lock driver has been closed", null);
			}
			return signalled;
		}

		void wake() {
			this.since = System.nanoTime();
			this.signal.release();
		}

		@Override
		public void close() {
			ReleaseSignals.this.lock.lock();
			try {
				List<Waiter> all = ReleaseSignals.this.waiters.get(this.name);
				if (all != null && all.remove(this) && all.isEmpty()) {
					ReleaseSignals.this.waiters.remove(this.name);
				}
				ReleaseSignals.this.lastUsed = System.nanoTime();
			}
			finally {
				ReleaseSignals.this.lock.unlock();
			}
		}

	}

}
