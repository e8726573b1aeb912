package org.dragonflow.lock;

/**
 * The caller's hold ended before the caller ended it: its lease ran out, or its record
 * was removed from the store. Another may hold the lock, and may have changed what it
 * protects, so work done under the hold needs a check.
 */
public final class LockLostException extends LockException {

	/** The id whose hold was lost. */
	private final String objectId;

	/**
	 * Creates an exception.
	 * @param objectId the id whose hold was lost
	 * @param message what happened
	 */
	public LockLostException(String objectId, String message) {
		super(message, null);
		this.objectId = objectId;
	}

	/**
	 * The id whose hold was lost.
	 * @return the id
	 */
	public String getObjectId() {
		return this.objectId;
	}

}
