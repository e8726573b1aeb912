package org.dragonflow.lock.cloud;

import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.engine.InstanceNaming;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.serviceregistry.Registration;
import org.springframework.cloud.commons.util.InetUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for names of instances that people know from Spring Cloud.
 */
@AutoConfiguration(before = DragonflowLockAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnClass({ Registration.class, InetUtils.class })
public final class LockNamingAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	InstanceNaming dragonflowLockInstanceNaming(ObjectProvider<Registration> registrations,
			ObjectProvider<InetUtils> inet, Environment environment) {
		return new CloudInstanceNaming(registrations.getIfUnique(), environment, () -> {
			InetUtils utils = inet.getIfAvailable();
			return (utils != null) ? utils.findFirstNonLoopbackHostInfo().getHostname() : null;
		});
	}

}
