package org.dragonflow.lock.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.observation.LockObservationDocumentation.HighCardinality;

/**
 * Names and keys of a hold's observation. A bean of this type replaces the default ones,
 * which are what this interface does by itself.
 */
public interface LockHoldObservationConvention extends ObservationConvention<LockHoldContext> {

	/**
	 * The default names and keys.
	 */
	LockHoldObservationConvention DEFAULT = new LockHoldObservationConvention() {
	};

	@Override
	default String getName() {
		return LockObservationDocumentation.HOLD.getName();
	}

	@Override
	default String getContextualName(LockHoldContext context) {
		return LockObservationDocumentation.HOLD.getContextualName();
	}

	@Override
	default KeyValues getLowCardinalityKeyValues(LockHoldContext context) {
		return KeyValuesOfLocks.low(context.driver(), context.lockHold().label(), context.outcome());
	}

	@Override
	default KeyValues getHighCardinalityKeyValues(LockHoldContext context) {
		LockHold hold = context.lockHold();
		return KeyValues.of(HighCardinality.OBJECT_IDS.withValue(hold.key().objectId()),
				HighCardinality.FENCING_TOKEN.withValue(Long.toString(hold.fencingToken())),
				HighCardinality.OWNER.withValue(hold.owner()));
	}

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof LockHoldContext;
	}

}
