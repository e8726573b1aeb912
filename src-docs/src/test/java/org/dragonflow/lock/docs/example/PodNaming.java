package org.dragonflow.lock.docs.example;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.InstanceNaming;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Instances by the names that the operators of this application know.
 */
@Configuration(proxyBeanMethods = false)
class PodNaming {

	// tag::naming[]
	@Bean
	InstanceNaming instanceNaming(@Value("${pod.name:pod-7}") String pod) {
		return () -> EngineSettings.newInstanceName(pod);
	}
	// end::naming[]

}
