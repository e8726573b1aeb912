package org.dragonflow.lock.actuate;

import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.engine.LockEngine;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration for the health of the locks, by the name {@code dragonflowLock}.
 */
@AutoConfiguration(after = DragonflowLockAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(LockEngine.class)
@ConditionalOnEnabledHealthIndicator("dragonflow-lock")
@EnableConfigurationProperties(LockManagementProperties.class)
@Import(StoreCallsConfiguration.class)
public final class LockHealthAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "dragonflowLockHealthIndicator")
	HealthIndicator dragonflowLockHealthIndicator(LockEngine engine, BoundedStoreCalls store) {
		return new LockHealthIndicator(engine, store);
	}

}
