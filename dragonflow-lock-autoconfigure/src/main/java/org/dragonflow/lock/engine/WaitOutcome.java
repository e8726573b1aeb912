package org.dragonflow.lock.engine;

/**
 * Why a thread waits for locks no longer.
 */
public enum WaitOutcome {

	/**
	 * It has all of them.
	 */
	ACQUIRED,

	/**
	 * Another still had one when the wait was over, or there was to be none.
	 */
	REFUSED,

	/**
	 * The thread was interrupted.
	 */
	INTERRUPTED,

	/**
	 * The store was in trouble for too long, or threads of this instance waited for each
	 * other.
	 */
	FAILED,

	/**
	 * The engine shuts down.
	 */
	CLOSED

}
