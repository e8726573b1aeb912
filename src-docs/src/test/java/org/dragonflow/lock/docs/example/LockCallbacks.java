package org.dragonflow.lock.docs.example;

import org.dragonflow.lock.autoconfigure.LockTaskExecutor;

import org.springframework.boot.task.ThreadPoolTaskExecutorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * What locks tell the application is told by threads of its own.
 */
@Configuration(proxyBeanMethods = false)
class LockCallbacks {

	// tag::executor[]
	@Bean(defaultCandidate = false)
	@LockTaskExecutor
	ThreadPoolTaskExecutor lockTaskExecutor(ThreadPoolTaskExecutorBuilder builder) {
		return builder.corePoolSize(4).threadNamePrefix("locks-").build();
	}
	// end::executor[]

}
