package org.dragonflow.lock.docs.example;

import io.micrometer.common.KeyValues;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.observation.LockHoldContext;
import org.dragonflow.lock.observation.LockHoldObservationConvention;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What an application says about its locks in metrics.
 */
@Configuration(proxyBeanMethods = false)
class LockMetrics {

	void importNetwork(DistributedLock lock, String networkId, Runnable work) {
		// tag::label[]
		try (LockHandle hold = lock.lock(LockRequest.of(networkId).withLabel("import"))) {
			work.run();
		}
		// end::label[]
	}

	// tag::convention[]
	@Bean
	LockHoldObservationConvention holdsByWhereTheyCameFrom() {
		return new LockHoldObservationConvention() {

			@Override
			public KeyValues getLowCardinalityKeyValues(LockHoldContext context) {
				return LockHoldObservationConvention.super.getLowCardinalityKeyValues(context).and("handed.over",
						Boolean.toString(context.lockHold().isHandedOver()));
			}

		};
	}
	// end::convention[]

}
