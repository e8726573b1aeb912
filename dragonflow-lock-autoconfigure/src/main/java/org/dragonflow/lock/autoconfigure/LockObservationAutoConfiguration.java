package org.dragonflow.lock.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.dragonflow.lock.observation.LockHoldObservationConvention;
import org.dragonflow.lock.observation.LockMeters;
import org.dragonflow.lock.observation.LockObservations;
import org.dragonflow.lock.observation.LockWaitObservationConvention;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Metrics and traces, where the application has Micrometer and a registry for them.
 */
@AutoConfiguration(before = DragonflowLockAutoConfiguration.class,
		afterName = { "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
public final class LockObservationAutoConfiguration {

	private static String driver(Environment environment) {
		return environment.getProperty("dragonflow.lock.driver", "custom");
	}

	/**
	 * Waits and holds, as metrics and as traces.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ObservationRegistry.class)
	@ConditionalOnBean(ObservationRegistry.class)
	static class ObservationsConfiguration {

		@Bean
		@ConditionalOnMissingBean
		LockObservations dragonflowLockObservations(ObservationRegistry registry, Environment environment,
				ObjectProvider<LockWaitObservationConvention> waitConvention,
				ObjectProvider<LockHoldObservationConvention> holdConvention) {
			return new LockObservations(registry, driver(environment), waitConvention.getIfAvailable(),
					holdConvention.getIfAvailable());
		}

	}

	/**
	 * What is counted.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	@ConditionalOnBean(MeterRegistry.class)
	static class MetersConfiguration {

		@Bean
		@ConditionalOnMissingBean
		LockMeters dragonflowLockMeters(Environment environment) {
			return new LockMeters(driver(environment));
		}

	}

}
