package org.dragonflow.lock.observation;

import java.util.Locale;

import io.micrometer.common.KeyValues;
import org.dragonflow.lock.observation.LockObservationDocumentation.LowCardinality;
import org.jspecify.annotations.Nullable;

/**
 * The keys that all observations of locks have.
 */
final class KeyValuesOfLocks {

	private KeyValuesOfLocks() {
	}

	static KeyValues low(String driver, @Nullable String label, @Nullable Enum<?> outcome) {
		KeyValues keys = KeyValues.of(LowCardinality.DRIVER.withValue(driver),
				LowCardinality.LABEL.withValue((label != null) ? label : "none"));
		return (outcome != null) ? keys.and(LowCardinality.OUTCOME.withValue(value(outcome))) : keys;
	}

	static String value(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

}
