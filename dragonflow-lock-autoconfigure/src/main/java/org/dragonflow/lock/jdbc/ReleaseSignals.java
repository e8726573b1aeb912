package org.dragonflow.lock.jdbc;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockThreads;

/**
 * Wakes those who wait for a key when it may be free. To find out, it has one thread,
 * which runs only while somebody waits, and a little longer.
 */
abstract class ReleaseSignals implements AutoCloseable {

	private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);

	private static final long PAUSE_AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private static final long CALM_NANOS = TimeUnit.MINUTES.toNanos(1);

	private static final Log logger = LogFactory.getLog(ReleaseSignals.class);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final Waiters waiters = new Waiters();

	private final ThreadFactory threads;

	private boolean running;

	private boolean hadTrouble;

	private long lastTrouble;

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
	 * @param hold what the waiter wants
	 * @return the waiter, to be closed
	 * @throws LockStoreException if the driver has been closed, or nobody would tell the
	 * waiter of anything, for want of a thread
	 */
	Waiter register(Hold hold) {
		this.lock.lock();
		try {
			this.waiters.checkOpen();
			if (!this.running) {
				LockThreads.start(this.threads, this::run);
				// Not before, for the system may have no more threads.
				this.running = true;
			}
			Waiter waiter = this.waiters.add(hold);
			this.changed.signalAll();
			return waiter;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wakes those who wait for some keys.
	 */
	void wake(Collection<String> names) {
		this.waiters.wake(names);
	}

	void wakeAll() {
		wake(this.waiters.names());
	}

	/**
	 * Told of a waiter that has ended without the lock.
	 */
	void gaveUp(Hold waiting) {
	}

	/**
	 * Told of a release by this driver itself.
	 */
	void released(String name) {
		wake(List.of(name));
	}

	Waiters waiters() {
		return this.waiters;
	}

	/**
	 * Pauses the thread of this object, until somebody comes to wait.
	 */
	void pause(long nanos) {
		this.lock.lock();
		try {
			if (!isClosed()) {
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

	/**
	 * Pauses the thread of this object until some waiter is due to have its key looked
	 * at.
	 * @param longest how long to pause at most
	 */
	void pauseUntilDue(long longest) {
		this.lock.lock();
		try {
			// Under the lock, so that nobody comes unseen in between.
			pause(Math.min(this.waiters.nanosToNextLook(LINGER_NANOS), longest));
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isClosed() {
		return this.waiters.isClosed();
	}

	@Override
	public void close() {
		this.lock.lock();
		try {
			this.waiters.close();
			this.changed.signalAll();
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
				String message = "Could not find out about released locks; trying on";
				if (isNews()) {
					logger.warn(message + ". The driver says no more of that until it has gone well for a while", ex);
				}
				else {
					logger.debug(message, ex);
				}
			}
			finally {
				pause(PAUSE_AFTER_FAILURE_NANOS);
				wakeAll();
			}
		});
	}

	/**
	 * Whether what goes wrong now is told, on the thread of this object: once, until
	 * nothing has gone wrong for a while.
	 */
	boolean isNews() {
		long now = System.nanoTime();
		boolean news = !this.hadTrouble || now - this.lastTrouble > CALM_NANOS;
		this.hadTrouble = true;
		this.lastTrouble = now;
		return news;
	}

	private boolean isNeeded() {
		return !isClosed() && this.waiters.idleNanos() <= LINGER_NANOS;
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

}
