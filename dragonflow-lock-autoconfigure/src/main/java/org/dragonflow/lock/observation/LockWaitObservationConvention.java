package org.dragonflow.lock.observation;

import java.util.stream.Collectors;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import org.dragonflow.lock.observation.LockObservationDocumentation.HighCardinality;
import org.dragonflow.lock.spi.LockKey;

/**
 * Names and keys of a wait's observation. A bean of this type replaces the default ones,
 * which are what this interface does by itself.
 */
public interface LockWaitObservationConvention extends ObservationConvention<LockWaitContext> {

	/**
	 * The default names and keys.
	 */
	LockWaitObservationConvention DEFAULT = new LockWaitObservationConvention() {
	};

	@Override
	default String getName() {
		return LockObservationDocumentation.WAIT.getName();
	}

	@Override
	default String getContextualName(LockWaitContext context) {
		return LockObservationDocumentation.WAIT.getContextualName();
	}

	@Override
	default KeyValues getLowCardinalityKeyValues(LockWaitContext context) {
		return KeyValuesOfLocks.low(context.driver(), context.lockWait().label(), context.outcome());
	}

	@Override
	default KeyValues getHighCardinalityKeyValues(LockWaitContext context) {
		String ids = context.lockWait()
			.keys()
			.stream()
			.limit(20)
			.map(LockKey::objectId)
			.collect(Collectors.joining(","));
		return KeyValues.of(HighCardinality.OBJECT_IDS.withValue(ids));
	}

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof LockWaitContext;
	}

}
