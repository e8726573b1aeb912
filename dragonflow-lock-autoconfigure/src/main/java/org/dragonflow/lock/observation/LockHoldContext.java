package org.dragonflow.lock.observation;

import io.micrometer.observation.Observation;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.jspecify.annotations.Nullable;

/**
 * The context of {@link LockObservationDocumentation#HOLD}.
 */
public final class LockHoldContext extends Observation.Context {

	private final String driver;

	private final LockHold lockHold;

	private volatile @Nullable HoldOutcome outcome;

	/**
	 * Creates the context of a hold that begins.
	 * @param driver names the driver
	 * @param lockHold the hold
	 */
	public LockHoldContext(String driver, LockHold lockHold) {
		this.driver = driver;
		this.lockHold = lockHold;
	}

	/**
	 * The name of the driver.
	 * @return the name
	 */
	public String driver() {
		return this.driver;
	}

	/**
	 * The hold that is observed.
	 * @return the hold
	 */
	public LockHold lockHold() {
		return this.lockHold;
	}

	/**
	 * How it has ended.
	 * @return the outcome, null until then
	 */
	public @Nullable HoldOutcome outcome() {
		return this.outcome;
	}

	/**
	 * The hold ends.
	 * @param outcome how
	 */
	void end(HoldOutcome outcome) {
		this.outcome = outcome;
	}

}
