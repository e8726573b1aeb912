package org.dragonflow.lock.console;

import java.util.UUID;
import java.util.function.Supplier;

import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.engine.LockEngine;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;
import org.springframework.web.server.WebFilter;

/**
 * Auto-configuration for the lock console, which is there only where it is asked for and
 * its endpoint is exposed. Elsewhere nothing is recorded.
 */
@AutoConfiguration(after = DragonflowLockAutoConfiguration.class)
@ConditionalOnBooleanProperty("dragonflow.lock.console.enabled")
@ConditionalOnClass({ WebEndpoint.class, ConditionalOnAvailableEndpoint.class })
@ConditionalOnWebApplication
public final class LockConsoleAutoConfiguration {

	/**
	 * Apart, as its conditions are classes of the actuator themselves.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(LockEngine.class)
	@ConditionalOnAvailableEndpoint(LockConsoleEndpoint.class)
	@ImportRuntimeHints(ConsoleRuntimeHints.class)
	static class EndpointConfiguration {

		@Bean
		LockRecorder dragonflowLockRecorder() {
			return new LockRecorder();
		}

		@Bean
		LockConsoleEndpoint dragonflowLockConsoleEndpoint(LockEngine engine, LockRecorder recorder,
				ObjectProvider<PathMappedEndpoints> endpoints, Environment environment,
				ObjectProvider<ConsoleHeaders.Setter> headers) {
			String application = environment.getProperty("spring.application.name", "application");
			return new LockConsoleEndpoint(engine, recorder.recent(),
					new ConsoleReport.Maker(application, UUID.randomUUID().toString()), new StoreLooks(engine),
					new ConsoleFiles(), path(endpoints), headers.getIfAvailable(() -> ConsoleHeaders.Setter.NONE));
		}

		/**
		 * All endpoints must be known before their paths are, so this cannot be asked at
		 * start.
		 */
		private static Supplier<String> path(ObjectProvider<PathMappedEndpoints> endpoints) {
			EndpointId id = EndpointId.of(LockConsoleEndpoint.ID);
			return () -> {
				String path = endpoints.getObject().getPath(id);
				return (path != null) ? path : "/" + LockConsoleEndpoint.ID;
			};
		}

		/**
		 * The headers, where requests are served by the thread that has taken them.
		 */
		@Configuration(proxyBeanMethods = false)
		@ConditionalOnWebApplication(type = Type.SERVLET)
		static class ServletConfiguration {

			@Bean
			ConsoleHeaders.Setter dragonflowLockConsoleHeaders() {
				return new ServletConsoleHeaders();
			}

		}

		/**
		 * The headers, where requests go from thread to thread.
		 */
		@Configuration(proxyBeanMethods = false)
		@ConditionalOnWebApplication(type = Type.REACTIVE)
		static class ReactiveConfiguration {

			@Bean
			WebFilter dragonflowLockConsoleHeaders(ObjectProvider<PathMappedEndpoints> endpoints) {
				return new ReactiveConsoleHeaders(path(endpoints));
			}

		}

	}

}
