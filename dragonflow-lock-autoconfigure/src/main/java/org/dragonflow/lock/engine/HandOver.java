package org.dragonflow.lock.engine;

import java.time.Duration;

/**
 * How far a store's grant is passed on inside this JVM, from one thread to the next,
 * without asking the store. Bounded, so that other instances get their turn.
 *
 * @param maxCount how many times; zero for never, {@value #LARGEST_COUNT} at most
 * @param maxTime for how long after the grant
 */
public record HandOver(int maxCount, Duration maxTime) {

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

	/**
	 * Checks the bounds.
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public HandOver {
		if (maxCount < 0 || maxCount > LARGEST_COUNT) {
			throw new IllegalArgumentException(
					"A lock can be handed over 0 to " + LARGEST_COUNT + " times, but not " + maxCount);
		}
		if (maxTime.isNegative()) {
			throw new IllegalArgumentException(
					"The time for which a lock is handed over must not be negative, but is " + maxTime);
		}
	}

}
