package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.engine.grant.FencingTokens;

/**
 * How far a store's grant is passed on inside this JVM, from one thread to the next,
 * without asking the store. Bounded, so that other instances get their turn.
 *
 * @param maxCount how many times; zero for never, {@value #LARGEST_COUNT} at most
 * @param maxTime for how long after the grant; a day at most
 */
public record HandOver(int maxCount, Duration maxTime) {

	/**
	 * Longer than any line lasts.
	 */
	public static final Duration LONGEST_TIME = Duration.ofDays(1);

	/**
	 * As many as there are fencing tokens for one grant.
	 */
	public static final int LARGEST_COUNT = (int) FencingTokens.PER_GRANT - 1;

	/**
	 * As often as there are tokens, for a tenth of a second.
	 */
	public static final HandOver DEFAULT = new HandOver(LARGEST_COUNT, Duration.ofMillis(100));

	/**
	 * Every hold asks the store.
	 */
	public static final HandOver NONE = new HandOver(0, Duration.ZERO);

	// As long as a poll of a patient waiter.
	private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	/**
	 * Checks the bounds.
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public HandOver {
		if (maxCount < 0 || maxCount > LARGEST_COUNT) {
			throw new IllegalArgumentException(
					"A lock can be handed over 0 to " + LARGEST_COUNT + " times, but not " + maxCount);
		}
		if (maxTime.isNegative() || maxTime.compareTo(LONGEST_TIME) > 0) {
			throw new IllegalArgumentException("The time for which a lock is handed over must not be negative, and "
					+ LONGEST_TIME + " at most, but is " + maxTime);
		}
	}

	/**
	 * Whether a grant may be passed on once more.
	 * @param position how many times it has been
	 * @param grantNanoTime when the store granted it
	 */
	public boolean allow(int position, long grantNanoTime) {
		return position < this.maxCount && System.nanoTime() - grantNanoTime < this.maxTime.toNanos();
	}

	/**
	 * How long this JVM steps back when a grant has been passed on as far as it may.
	 * Without that, its next thread, which no store has to wake, would be the first one
	 * every time. A waiter elsewhere that polls does so each eighth of its wait or so,
	 * and has waited for this grant to end.
	 */
	public static long pauseNanos(long grantNanoTime) {
		return Math.min((System.nanoTime() - grantNanoTime) / 5, LONGEST_PAUSE_NANOS);
	}

}
