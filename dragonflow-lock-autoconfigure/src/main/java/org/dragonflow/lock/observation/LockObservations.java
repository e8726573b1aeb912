package org.dragonflow.lock.observation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.LockWait;
import org.dragonflow.lock.engine.WaitOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Tells Micrometer of waits and holds, see {@link LockObservationDocumentation}. The
 * parent of both is what the caller is observed as. A wait is the current observation of
 * its thread while it lasts, so that what the driver does is seen as a part of it; a hold
 * is not, as it may end on another thread.
 */
public final class LockObservations implements LockObserver {

	private final ObservationRegistry registry;

	private final String driver;

	private final @Nullable LockWaitObservationConvention waitConvention;

	private final @Nullable LockHoldObservationConvention holdConvention;

	private final Map<LockHold, OpenHold> holds = new ConcurrentHashMap<>();

	/**
	 * Creates an observer.
	 * @param registry takes the observations
	 * @param driver names the driver
	 * @param waitConvention replaces the names and keys of waits; null for the default
	 * @param holdConvention replaces the names and keys of holds; null for the default
	 */
	public LockObservations(ObservationRegistry registry, String driver,
			@Nullable LockWaitObservationConvention waitConvention,
			@Nullable LockHoldObservationConvention holdConvention) {
		this.registry = registry;
		this.driver = driver;
		this.waitConvention = waitConvention;
		this.holdConvention = holdConvention;
	}

	@Override
	public @Nullable WaitScope openScope(LockWait wait) {
		if (this.registry.isNoop()) {
			return null;
		}
		LockWaitContext context = new LockWaitContext(this.driver, wait);
		Observation observation = Observation
			.createNotStarted(this.waitConvention, LockWaitObservationConvention.DEFAULT, () -> context, this.registry)
			.start();
		return new OpenWait(context, observation, observation.openScope());
	}

	@Override
	public void holdBegan(LockHold hold) {
		if (this.registry.isNoop()) {
			return;
		}
		LockHoldContext context = new LockHoldContext(this.driver, hold);
		Observation observation = Observation.createNotStarted(this.holdConvention,
				LockHoldObservationConvention.DEFAULT, () -> context, this.registry);
		if (hold.request().scope(this) instanceof OpenWait wait) {
			// It outlives the wait that it begins in.
			context.setParentObservation(wait.context.getParentObservation());
		}
		this.holds.put(hold, new OpenHold(context, observation.start()));
	}

	@Override
	public void holdEnded(LockHold hold, HoldOutcome outcome) {
		OpenHold observed = this.holds.remove(hold);
		if (observed != null) {
			observed.context.end(outcome);
			if (outcome == HoldOutcome.LOST) {
				String objectId = hold.key().objectId();
				observed.observation.error(new LockLostException(objectId, "The lock on '" + objectId + "' was lost"));
			}
			observed.observation.stop();
		}
	}

	private record OpenWait(LockWaitContext context, Observation observation,
			Observation.Scope scope) implements WaitScope {

		@Override
		public void close(WaitOutcome outcome) {
			this.context.end(outcome);
			this.scope.close();
			this.observation.stop();
		}

	}

	private record OpenHold(LockHoldContext context, Observation observation) {
	}

}
