package org.dragonflow.lock.aop;

import java.time.Duration;
import java.util.Map;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * Small contexts with the aspect and some beans in them.
 */
final class AspectFixture {

	static final Duration MIN_LEASE = Duration.ofMillis(100);

	private AspectFixture() {
	}

	static AnnotationConfigApplicationContext context(Class<?>... components) {
		return context(Map.of(), components);
	}

	static AnnotationConfigApplicationContext context(Map<String, Object> properties, Class<?>... components) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
		context.register(AspectConfiguration.class);
		context.register(components);
		try {
			context.refresh();
		}
		catch (RuntimeException ex) {
			context.close();
			throw ex;
		}
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	static class AspectConfiguration {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static NbLockedBeanPostProcessor nbLockedBeanPostProcessor(Environment environment) {
			NbLockedBeanPostProcessor processor = new NbLockedBeanPostProcessor(MIN_LEASE);
			processor.setProxyTargetClass(environment.getProperty("classes", Boolean.class, true));
			processor.setAspectOrder(
					environment.getProperty("order", Integer.class, NbLockedBeanPostProcessor.DEFAULT_ASPECT_ORDER));
			return processor;
		}

		@Bean
		static PropertySourcesPlaceholderConfigurer placeholders() {
			return new PropertySourcesPlaceholderConfigurer();
		}

		@Bean
		RecordingLock recordingLock() {
			return new RecordingLock();
		}

	}

}
