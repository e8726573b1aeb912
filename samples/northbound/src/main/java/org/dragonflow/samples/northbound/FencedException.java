package org.dragonflow.samples.northbound;

/**
 * A write was refused by what it wanted to change: somebody with a later hold of the lock
 * has been there. Nothing was written.
 */
public final class FencedException extends RuntimeException {

	private final String objectId;

	/**
	 * Creates the exception.
	 * @param objectId the id whose lock was lost
	 */
	public FencedException(String objectId) {
		super("The lock on '" + objectId + "' was lost, and its next holder has been here already");
		this.objectId = objectId;
	}

	/**
	 * The id whose lock was lost.
	 * @return the id
	 */
	public String getObjectId() {
		return this.objectId;
	}

}
