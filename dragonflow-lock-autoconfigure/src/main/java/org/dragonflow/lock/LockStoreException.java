package org.dragonflow.lock;

import org.jspecify.annotations.Nullable;

/**
 * The store could not be reached, did not answer in time, or refused. Says nothing about
 * who holds the lock. Thrown by drivers.
 */
public final class LockStoreException extends LockException {

	/** Whether the store has said no, rather than nothing. */
	private final boolean refused;

	private LockStoreException(String message, @Nullable Throwable cause, boolean refused) {
		super(message, cause);
		this.refused = refused;
	}

	/**
	 * The store could not be reached or did not answer in time. The outcome is unknown,
	 * and the same request may succeed later: a waiter tries on for a while.
	 * @param message what was tried, and what went wrong
	 * @param cause the store client's own exception, if there is one
	 * @return the exception
	 */
	public static LockStoreException unreachable(String message, @Nullable Throwable cause) {
		return new LockStoreException(message, cause, false);
	}

	/**
	 * The store answered with an error that will not go away by asking again: a missing
	 * table, a missing permission, a wrong password. The request had no effect.
	 * @param message what was tried, what the store said, and what to do
	 * @param cause the store client's own exception, if there is one
	 * @return the exception
	 */
	public static LockStoreException refused(String message, @Nullable Throwable cause) {
		return new LockStoreException(message, cause, true);
	}

	/**
	 * Whether the store refused, so that asking again is of no use.
	 * @return false if it could not be reached
	 */
	public boolean isRefused() {
		return this.refused;
	}

}
