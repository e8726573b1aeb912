package org.dragonflow.lock.engine;

/**
 * Told of what happens to a hold, by the thread that found out.
 */
interface HoldListener {

	/**
	 * The hold is lost. Told once.
	 */
	void lost(EngineHold hold, String reason);

	/**
	 * The release of the hold is asked for. Told once.
	 */
	void revoked(EngineHold hold);

	/**
	 * What tells observers of a new hold.
	 */
	default HoldTelling telling(EngineHold hold) {
		return HoldTelling.NOBODY;
	}

}
