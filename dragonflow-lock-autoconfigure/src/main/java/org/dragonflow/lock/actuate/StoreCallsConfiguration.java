package org.dragonflow.lock.actuate;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What the endpoint and the health indicator have in common.
 */
@Configuration(proxyBeanMethods = false)
class StoreCallsConfiguration {

	@Bean
	BoundedStoreCalls dragonflowLockStoreCalls(LockManagementProperties properties) {
		return new BoundedStoreCalls(properties.timeout());
	}

}
