package org.dragonflow.lock.engine;

/**
 * What a driver is asked for.
 */
public enum StoreCall {

	/**
	 * To take one lock or several.
	 */
	ACQUIRE,

	/**
	 * To renew leases.
	 */
	RENEW,

	/**
	 * To release one hold or several, or to undo an attempt.
	 */
	RELEASE,

	/**
	 * To look at a record.
	 */
	LOOK,

	/**
	 * To ask a holder for its release.
	 */
	REVOKE

}
