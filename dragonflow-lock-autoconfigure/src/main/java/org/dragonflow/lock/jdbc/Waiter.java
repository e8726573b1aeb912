package org.dragonflow.lock.jdbc;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;

/**
 * One attempt that waits, and how often to look for it where nobody tells.
 */
final class Waiter implements AutoCloseable {

	private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	// A lock that was held for long is likely to be held for some more. So the pause is a
	// share of the time waited: a wake-up is late by that share at most.
	private static final int SHARE = 8;

	// Nobody else comes meanwhile, so all of its lateness is lost.
	private static final int SHARE_OF_THE_NEXT = 24;

	// They only have to find out in time that there is no next one.
	private static final int SHARE_OF_OTHERS = 4;

	private final Semaphore signal = new Semaphore(0);

	private final Waiters waiters;

	private final Hold hold;

	private volatile boolean next;

	private volatile int share = SHARE;

	private final long begun = System.nanoTime();

	private volatile long since;

	private volatile long nextLook;

	private long pause;

	Waiter(Waiters waiters, Hold hold) {
		this.waiters = waiters;
		this.hold = hold;
		beginAnew();
	}

	String name() {
		return this.hold.key().name();
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

	Hold hold() {
		return this.hold;
	}

	/**
	 * Whether it is to have the lock next.
	 */
	boolean isNext() {
		return this.next;
	}

	/**
	 * Tells whose turn it is, which wakes the waiter if it is its own, or if it is to be
	 * the next one.
	 * @param oldest whether no other waiter of this JVM has waited for longer
	 */
	void tell(Turn turn, boolean oldest) {
		this.next = this.hold.owner().equals(turn.next());
		this.share = this.next ? SHARE_OF_THE_NEXT : SHARE_OF_OTHERS;
		if (this.next ? turn.hasCome() : oldest && turn.isFor(System.nanoTime() - this.begun)) {
			wake();
		}
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
		this.pause = Math.min(Math.max((now - this.since) / this.share, SHORTEST_PAUSE_NANOS), longestPause);
		this.nextLook = now + (long) (this.pause * variation);
	}

	@Override
	public void close() {
		this.waiters.remove(this);
	}

}
