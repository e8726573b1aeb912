package com.example.directorylock;

import java.io.IOException;
import java.nio.file.Path;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The driver as an application gets it.
 */
class DirectoryLockAutoConfigurationTests {

	private Path directory;

	@BeforeEach
	void create(@TempDir Path empty) {
		this.directory = empty;
	}

	@Test
	void theDriverIsChosenByItsName() throws Exception {
		TestDirectory.create(this.directory);
		try (ConfigurableApplicationContext context = start("dragonflow.lock.driver=directory",
				"directory-lock.path=" + this.directory)) {
			assertThat(context.getBean(LockDriver.class)).as("The driver").isInstanceOf(DirectoryLockDriver.class);
			DistributedLock lock = context.getBean(DistributedLock.class);
			try (LockHandle hold = lock.acquire(LockRequest.of("net-1"))) {
				assertThat(hold.fencingToken()).as("The token of a hold").isPositive();
				assertThat(TestDirectory.names(this.directory)).as("The files while a lock is held")
					.containsExactly("dragonflow~net-1", "mutex");
			}
		}
		assertThat(TestDirectory.names(this.directory)).as("The files when the application has stopped")
			.containsExactly("mutex");
	}

	@Test
	void anotherNameChoosesAnotherDriver() throws IOException {
		try (ConfigurableApplicationContext context = start("dragonflow.lock.driver=local")) {
			assertThat(context.getBeanNamesForType(DirectoryLockDriver.class)).as("The drivers of this module")
				.isEmpty();
		}
	}

	@Test
	void aMissingPathIsToldAtStart() {
		assertThatException().as("The start without a path")
			.isThrownBy(() -> start("dragonflow.lock.driver=directory"))
			.withRootCauseInstanceOf(InvalidConfigurationPropertyValueException.class)
			.withStackTraceContaining("directory-lock.path");
	}

	@Test
	void aDirectoryWithoutMutexIsToldAtStart() {
		assertThatException().as("The start with an empty directory")
			.isThrownBy(() -> start("dragonflow.lock.driver=directory", "directory-lock.path=" + this.directory))
			.withStackTraceContaining("is mounted");
	}

	private static ConfigurableApplicationContext start(String... properties) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off")
			.properties(properties)
			.run();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
