package org.dragonflow.lock.observation;

import io.micrometer.observation.Observation;
import org.dragonflow.lock.engine.LockWait;
import org.dragonflow.lock.engine.WaitOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The context of {@link LockObservationDocumentation#WAIT}.
 */
public final class LockWaitContext extends Observation.Context {

	private final String driver;

	private final LockWait lockWait;

	private volatile @Nullable WaitOutcome outcome;

	/**
	 * Creates the context of a wait that begins.
	 * @param driver names the driver
	 * @param lockWait the wait
	 */
	public LockWaitContext(String driver, LockWait lockWait) {
		this.driver = driver;
		this.lockWait = lockWait;
	}

	/**
	 * The name of the driver.
	 * @return the name
	 */
	public String driver() {
		return this.driver;
	}

	/**
	 * The wait that is observed.
	 * @return the wait
	 */
	public LockWait lockWait() {
		return this.lockWait;
	}

	/**
	 * How it has ended.
	 * @return the outcome, null until then
	 */
	public @Nullable WaitOutcome outcome() {
		return this.outcome;
	}

	/**
	 * The wait ends.
	 * @param outcome how
	 */
	void end(WaitOutcome outcome) {
		this.outcome = outcome;
	}

}
