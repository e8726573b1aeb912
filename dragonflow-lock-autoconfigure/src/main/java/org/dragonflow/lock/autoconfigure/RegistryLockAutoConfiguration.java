package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.registry.RegistryLockDriver;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.integration.support.locks.LockRegistry;

/**
 * {@code dragonflow.lock.driver=registry}: locks by the application's own
 * {@link LockRegistry}, whichever it is.
 */
@AutoConfiguration(before = DragonflowLockAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "dragonflow.lock.driver", havingValue = "registry")
@ConditionalOnClass(LockRegistry.class)
@ConditionalOnMissingBean(LockDriver.class)
@ConditionalOnSingleCandidate(LockRegistry.class)
public final class RegistryLockAutoConfiguration {

	@Bean
	RegistryLockDriver registryLockDriver(LockRegistry<?> registry) {
		return new RegistryLockDriver(registry);
	}

}
