package org.dragonflow.lock.docs.example;

import java.util.stream.Stream;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.jdbc.JdbcLockDriver;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.registry.RegistryLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application starts with what the quick start says, and locks.
 */
class QuickStartTests {

	@ParameterizedTest
	@MethodSource("choices")
	void itStartsAndLocks(String file, Class<? extends LockDriver> driver, Class<?> application) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(application)
			.web(WebApplicationType.NONE)
			.run("--spring.config.location=classpath:quick-start/" + file,
					"--spring.datasource.generate-unique-name=true")) {
			context.getBean(JdbcClient.class).sql("insert into networks values ('net-1', 'one', 1, 0)").update();
			assertThat(context.getBean(LockDriver.class)).isInstanceOf(driver);
			assertThat(context.getBean(PortService.class).createPort("net-1").address()).isOne();
			context.getBean(DistributedLock.class).run("net-1", () -> {
			});
		}
	}

	static Stream<Arguments> choices() {
		return Stream.of(Arguments.of("jdbc.yml", JdbcLockDriver.class, ExampleApplication.class),
				Arguments.of("jdbc-server.yml", JdbcLockDriver.class, ExampleApplication.class),
				Arguments.of("local.yml", LocalLockDriver.class, ExampleApplication.class),
				Arguments.of("registry.yml", RegistryLockDriver.class, WithARegistry.class));
	}

	/**
	 * An application that has a lock registry already.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(ExampleApplication.class)
	static class WithARegistry {

		@Bean
		DefaultLockRegistry lockRegistry() {
			return new DefaultLockRegistry();
		}

	}

}
