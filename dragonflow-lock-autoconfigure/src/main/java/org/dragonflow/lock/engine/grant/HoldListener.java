package org.dragonflow.lock.engine.grant;

/**
 * Told of what happens to a hold, by the thread that found out. Returns quickly, and runs
 * nothing of others.
 */
public interface HoldListener {

	/**
	 * The hold is lost. Told once.
	 */
	void lost(EngineHold hold, String reason);

	/**
	 * The release of the hold is asked for. Told once.
	 */
	void revoked(EngineHold hold);

}
