package org.dragonflow.lock.engine;

/**
 * Why a hold has ended.
 */
public enum HoldOutcome {

	/**
	 * Its holder has released it. If the store has not confirmed that, it was told as a
	 * failure of a call, and the record ends with its lease at the latest.
	 */
	RELEASED,

	/**
	 * Its holder has released it, and the next thread of this instance has it, without a
	 * call of the store.
	 */
	HANDED_OVER,

	/**
	 * Its lease has ended, or the store has ended it.
	 */
	LOST,

	/**
	 * The engine shuts down.
	 */
	CLOSED

}
