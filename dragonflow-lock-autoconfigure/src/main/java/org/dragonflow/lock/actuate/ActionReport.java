package org.dragonflow.lock.actuate;

/**
 * What has come of what was asked for.
 *
 * @param id the id
 * @param outcome what has come of it
 * @param message the same for people
 */
record ActionReport(String id, Outcome outcome, String message) {

	/**
	 * What may come of it.
	 */
	enum Outcome {

		/** It is done. */
		DONE,

		/** There was nothing to do it to. */
		NOT_HELD,

		/** The store has not answered; it may have been done, or be done later. */
		UNKNOWN

	}

}
