package org.dragonflow.lock;

/**
 * Another holder has the lock, and the caller did not want to wait, or has waited long
 * enough. Nothing is held, nothing is left behind.
 */
public final class LockUnavailableException extends LockException {

	/** The id that another holds. */
	private final String objectId;

	/**
	 * Creates an exception.
	 * @param objectId the id that another holds
	 * @param message what happened
	 */
	public LockUnavailableException(String objectId, String message) {
		super(message, null);
		this.objectId = objectId;
	}

	/**
	 * The id that another holds.
	 * @return the id
	 */
	public String getObjectId() {
		return this.objectId;
	}

}
