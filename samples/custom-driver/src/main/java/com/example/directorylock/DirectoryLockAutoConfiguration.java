package com.example.directorylock;

import org.dragonflow.lock.spi.LockDriver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@code dragonflow.lock.driver=directory}.
 */
// tag::configuration[]
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "dragonflow.lock.driver", havingValue = "directory")
@EnableConfigurationProperties(DirectoryLockProperties.class)
public final class DirectoryLockAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(LockDriver.class)
	DirectoryLockDriver directoryLockDriver(DirectoryLockProperties properties) {
		return new DirectoryLockDriver(properties.checkedPath(), properties.timeout(), properties.pollInterval());
	}

}
// end::configuration[]
