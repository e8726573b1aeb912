package org.dragonflow.lock.console;

import java.util.List;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.dragonflow.lock.engine.LockObserver;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where there is a console. What is not there records nothing.
 */
class LockConsoleAutoConfigurationTests {

	private static final AutoConfigurations CONFIGURATION = AutoConfigurations.of(LocalLockAutoConfiguration.class,
			DragonflowLockAutoConfiguration.class, LockConsoleAutoConfiguration.class);

	private static final String[] ENABLED = { "dragonflow.lock.driver=local", "dragonflow.lock.console.enabled=true",
			"management.endpoints.web.exposure.include=lockconsole" };

	private final WebApplicationContextRunner web = new WebApplicationContextRunner().withConfiguration(CONFIGURATION)
		.withPropertyValues(ENABLED);

	@Test
	void itIsThereWhereItIsEnabledAndExposed() {
		this.web.run((context) -> assertThat(context).hasSingleBean(LockConsoleEndpoint.class)
			.hasSingleBean(LockRecorder.class)
			.hasSingleBean(ServletConsoleHeaders.class));
	}

	@Test
	void itIsNotThereByDefault() {
		this.web.withPropertyValues("dragonflow.lock.console.enabled=")
			.run((context) -> assertThat(context).doesNotHaveBean(LockConsoleEndpoint.class)
				.doesNotHaveBean(LockObserver.class));
	}

	@Test
	void itIsNotThereWhereItIsNotExposed() {
		this.web.withPropertyValues("management.endpoints.web.exposure.include=health")
			.run((context) -> assertThat(context).doesNotHaveBean(LockConsoleEndpoint.class)
				.doesNotHaveBean(LockObserver.class));
		this.web.withPropertyValues("management.endpoint.lockconsole.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(LockConsoleEndpoint.class)
				.doesNotHaveBean(LockObserver.class));
	}

	@Test
	void itIsNotThereWithoutLocks() {
		this.web.withPropertyValues("dragonflow.lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockConsoleEndpoint.class));
	}

	@Test
	void applicationsWithoutActuatorOrWebStartAllTheSame() {
		this.web.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).hasSingleBean(DistributedLock.class)
				.doesNotHaveBean(LockObserver.class));
		ApplicationContextRunner noWeb = new ApplicationContextRunner().withConfiguration(CONFIGURATION)
			.withPropertyValues(ENABLED);
		noWeb.run(LockConsoleAutoConfigurationTests::assertOnlyLocks);
		noWeb
			.withClassLoader(new FilteredClassLoader("org.springframework.web", "jakarta.servlet",
					"org.springframework.boot.actuate"))
			.run(LockConsoleAutoConfigurationTests::assertOnlyLocks);
		noWeb.withClassLoader(new FilteredClassLoader("org.springframework.web", "jakarta.servlet"))
			.run(LockConsoleAutoConfigurationTests::assertOnlyLocks);
	}

	@Test
	void aNativeImageKeepsThePageAndWhatItAsksFor() {
		RuntimeHints hints = new RuntimeHints();
		new ConsoleRuntimeHints().registerHints(hints, null);
		for (String file : List.of("console.html", "console.js", "console.css", "icon.svg")) {
			assertThat(RuntimeHintsPredicates.resource().forResource("org/dragonflow/lock/console/" + file)).as(file)
				.accepts(hints);
		}
		assertThat(RuntimeHintsPredicates.reflection().onType(ConsoleReport.Held.class)).as("a part of a report")
			.accepts(hints);
	}

	private static void assertOnlyLocks(AssertableApplicationContext context) {
		assertThat(context).hasSingleBean(DistributedLock.class).doesNotHaveBean(LockObserver.class);
	}

}
