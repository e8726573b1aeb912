package org.dragonflow.lock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The store could not be reached, did not answer in time, or refused. Says nothing about
 * who holds the lock. Thrown by drivers.
 */
public final class LockStoreException extends LockException {

	/** Whether the store has said no, rather than nothing. */
	private final boolean refused;

	/** How long it grants nothing to anybody. */
	private final @Nullable Duration pause;

	private LockStoreException(String message, @Nullable Throwable cause, boolean refused, @Nullable Duration pause) {
		super(message, cause);
		this.refused = refused;
		this.pause = pause;
	}

	/**
	 * The store could not be reached or did not answer in time. The outcome is unknown,
	 * and the same request may succeed later: a waiter tries on for a while.
	 * @param message what was tried, and what went wrong
	 * @param cause the store client's own exception, if there is one
	 * @return the exception
	 */
	public static LockStoreException unreachable(String message, @Nullable Throwable cause) {
		return new LockStoreException(message, cause, false, null);
	}

	/**
	 * The store answered with an error that will not go away by asking again: a missing
	 * table, a missing permission, a wrong password. The request had no effect.
	 * @param message what was tried, what the store said, and what to do
	 * @param cause the store client's own exception, if there is one
	 * @return the exception
	 */
	public static LockStoreException refused(String message, @Nullable Throwable cause) {
		return new LockStoreException(message, cause, true, null);
	}

	/**
	 * The store answers, but grants nothing to anybody for a while, as it may have
	 * forgotten grants that are not over yet. The request had no effect. A waiter waits
	 * on; what is held goes on.
	 * @param message why, and for how long
	 * @param pause how long
	 * @return the exception
	 */
	public static LockStoreException pausing(String message, Duration pause) {
		return new LockStoreException(message, null, false, pause);
	}

	/**
	 * How long the store grants nothing to anybody, counted from when this was thrown.
	 * @return null unless that is why
	 */
	public @Nullable Duration getPause() {
		return this.pause;
	}

	/**
	 * Whether the store refused, so that asking again is of no use.
	 * @return false if it could not be reached
	 */
	public boolean isRefused() {
		return this.refused;
	}

}
