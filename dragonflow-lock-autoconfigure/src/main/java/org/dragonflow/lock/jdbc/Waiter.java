package org.dragonflow.lock.jdbc;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;

/**
 * One attempt that waits, and how often to look for it where nobody tells.
 */
final class Waiter implements AutoCloseable {

	private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	// A lock that was held for long is likely to be held for some more. So the pause is a
	// share of the time waited: a wake-up is late by that share at most.
	private static final int SHARE = 8;

	private final Semaphore signal = new Semaphore(0);

	private final Waiters waiters;

	private final String name;

	private volatile long since;

	private volatile long nextLook;

	private long pause;

	Waiter(Waiters waiters, String name) {
		this.waiters = waiters;
		this.name = name;
		beginAnew();
	}

	String name() {
		return this.name;
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
		this.waiters.checkOpen();
		return signalled;
	}

	void wake() {
		beginAnew();
		this.signal.release();
	}

	private void beginAnew() {
		long now = System.nanoTime();
		this.since = now;
		this.pause = SHORTEST_PAUSE_NANOS;
		this.nextLook = now + SHORTEST_PAUSE_NANOS;
	}

	long nanosToNextLook(long now) {
		return this.nextLook - now;
	}

	/**
	 * Whether a look that is sent now is for this waiter, too: it is due, or nearly so.
	 * Those whose looks are close to each other come to share them.
	 */
	boolean isDue(long now) {
		return nanosToNextLook(now) <= this.pause / 4;
	}

	/**
	 * Notes that a look is sent.
	 * @param longestPause until the next one at most, but for the variation
	 * @param variation by what to multiply the pause
	 */
	void looked(long now, long longestPause, double variation) {
		this.pause = Math.min(Math.max((now - this.since) / SHARE, SHORTEST_PAUSE_NANOS), longestPause);
		this.nextLook = now + (long) (this.pause * variation);
	}

	@Override
	public void close() {
		this.waiters.remove(this);
	}

}
