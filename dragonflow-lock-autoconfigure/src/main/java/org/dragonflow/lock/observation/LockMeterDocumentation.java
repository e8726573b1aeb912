package org.dragonflow.lock.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import org.dragonflow.lock.observation.LockObservationDocumentation.LowCardinality;

/**
 * The meters of a lock that are not made of an observation, because they have no
 * duration.
 */
public enum LockMeterDocumentation implements MeterDocumentation {

	/**
	 * Calls of the store that failed: it could not be reached, did not answer in time, or
	 * refused. The engine tries again where that makes sense, so a failure need not have
	 * harmed anybody.
	 */
	STORE_ERRORS;

	@Override
	public String getName() {
		return "dragonflow.lock.store.errors";
	}

	@Override
	public Meter.Type getType() {
		return Meter.Type.COUNTER;
	}

	@Override
	public KeyName[] getKeyNames() {
		return new KeyName[] { LowCardinality.DRIVER, StoreKey.CALL };
	}

	/**
	 * The keys of what is told of the store.
	 */
	public enum StoreKey implements KeyName {

		/**
		 * What the store was asked for: {@code acquire}, {@code renew}, {@code release},
		 * {@code look} or {@code revoke}.
		 */
		CALL;

		@Override
		public String asString() {
			return "call";
		}

	}

}
