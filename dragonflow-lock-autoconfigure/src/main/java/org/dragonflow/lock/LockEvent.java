package org.dragonflow.lock;

/**
 * What happened to a hold of this instance. Published as an application event, once for
 * each time that it happened, on a thread of the library.
 */
public sealed interface LockEvent permits LockLostEvent, LockRevocationEvent {

	/**
	 * The id that the hold is on.
	 * @return the id
	 */
	String objectId();

	/**
	 * The fencing token of the hold.
	 * @return the token, or 0 if the driver mints none
	 */
	long fencingToken();

}
