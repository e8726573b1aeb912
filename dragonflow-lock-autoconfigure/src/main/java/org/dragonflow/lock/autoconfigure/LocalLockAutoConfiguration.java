package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@code dragonflow.lock.driver=local}: locks in this JVM only.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "dragonflow.lock.driver", havingValue = "local")
public final class LocalLockAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(LockDriver.class)
	LocalLockDriver localLockDriver() {
		return new LocalLockDriver();
	}

}
