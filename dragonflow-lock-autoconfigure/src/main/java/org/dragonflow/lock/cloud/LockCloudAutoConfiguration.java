package org.dragonflow.lock.cloud;

import java.util.List;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.DragonflowLockProperties;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.client.actuator.HasFeatures;
import org.springframework.cloud.client.actuator.NamedFeature;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for applications with Spring Cloud: settings that change while they
 * run, and an entry among the features.
 */
@AutoConfiguration(after = DragonflowLockAutoConfiguration.class)
@ConditionalOnBean(LockEngine.class)
public final class LockCloudAutoConfiguration {

	/**
	 * By spring-cloud-context.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(EnvironmentChangeEvent.class)
	// An application that makes its own engine has given it settings of its own.
	@ConditionalOnBean(DragonflowLockProperties.class)
	static class RebindingConfiguration {

		@Bean
		SettingsRebinder dragonflowLockSettingsRebinder(LockEngine engine, Environment environment) {
			return new SettingsRebinder(engine, environment);
		}

	}

	/**
	 * By spring-cloud-commons.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HasFeatures.class)
	@ConditionalOnBean(LockDriver.class)
	static class FeaturesConfiguration {

		@Bean
		HasFeatures dragonflowLockFeatures(LockDriver driver) {
			return new HasFeatures(List.of(DistributedLock.class),
					List.of(new NamedFeature("Lock Driver", driver.getClass())));
		}

	}

}
