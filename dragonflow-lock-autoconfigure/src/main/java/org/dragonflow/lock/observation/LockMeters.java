package org.dragonflow.lock.observation;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.StoreCall;
import org.dragonflow.lock.observation.LockMeterDocumentation.StoreKey;
import org.dragonflow.lock.observation.LockObservationDocumentation.LowCardinality;

/**
 * Counts what has no duration, see {@link LockMeterDocumentation}. The counters are there
 * from the start, so that the first failure is seen as a rise.
 */
public final class LockMeters implements LockObserver, MeterBinder {

	private final String driver;

	private final Map<StoreCall, LongAdder> storeErrors = new EnumMap<>(StoreCall.class);

	/**
	 * Creates counters at zero.
	 * @param driver names the driver
	 */
	public LockMeters(String driver) {
		this.driver = driver;
		for (StoreCall call : StoreCall.values()) {
			this.storeErrors.put(call, new LongAdder());
		}
	}

	@Override
	public void storeFailed(StoreCall call, RuntimeException failure) {
		LongAdder errors = this.storeErrors.get(call);
		if (errors != null) {
			errors.increment();
		}
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.storeErrors.forEach((call, errors) -> FunctionCounter
			.builder(LockMeterDocumentation.STORE_ERRORS.getName(), errors, LongAdder::sum)
			.description("Calls of the store that failed")
			.tag(LowCardinality.DRIVER.asString(), this.driver)
			.tag(StoreKey.CALL.asString(), KeyValuesOfLocks.value(call))
			.register(registry));
	}

}
