package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.integration.support.locks.LockRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What a developer reads whose bean wants a lock that is not there.
 */
@ExtendWith(OutputCaptureExtension.class)
class MissingLockTests {

	@ParameterizedTest
	@ValueSource(classes = { WantsLock.class, WantsRegistry.class, WantsDriver.class })
	void theLocksAreSwitchedOff(Class<?> wanting, CapturedOutput output) {
		fail(wanting, "--dragonflow.lock.enabled=false");
		assertThat(output)
			.contains("APPLICATION FAILED TO START", "because 'dragonflow.lock.enabled' is false", "$Wanting'",
					"Remove dragonflow.lock.enabled, or set it to true")
			.doesNotContain("Consider defining a bean");
	}

	@Test
	void aDriverIsWantedAndNoneIsChosen(CapturedOutput output) {
		fail(WantsDriver.class);
		assertThat(output).contains("No driver is chosen for the distributed lock", "- local (usable now)")
			.doesNotContain("Consider defining a bean");
	}

	@ParameterizedTest
	@ValueSource(strings = { "--dragonflow.lock.enabled=false", "--dragonflow.lock.driver=local" })
	void whatHasNothingToDoWithLocksIsLeftToBoot(String property, CapturedOutput output) {
		fail(WantsNumber.class, property);
		assertThat(output)
			.contains("a bean of type 'java.lang.Number' that could not be found",
					"Consider defining a bean of type 'java.lang.Number'")
			.doesNotContain("dragonflow.lock.enabled");
	}

	@Test
	void oneOfSeveralIsNotMissing(CapturedOutput output) {
		fail(WantsOneOfTwo.class, "--dragonflow.lock.enabled=false");
		assertThat(output).contains("required a single bean, but 2 were found");
	}

	private static void fail(Class<?> wanting, String... arguments) {
		assertThatThrownBy(() -> new SpringApplicationBuilder(Locks.class, wanting).web(WebApplicationType.NONE)
			.run(arguments)
			.close()).isNotNull();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class })
	static class Locks {

	}

	@Import(WantsLock.Wanting.class)
	static class WantsLock {

		record Wanting(DistributedLock wanting) {
		}

	}

	@Import(WantsRegistry.Wanting.class)
	static class WantsRegistry {

		record Wanting(LockRegistry<?> wanting) {
		}

	}

	@Import(WantsDriver.Wanting.class)
	static class WantsDriver {

		record Wanting(LockDriver wanting) {
		}

	}

	@Import(WantsNumber.Wanting.class)
	static class WantsNumber {

		record Wanting(Number wanting) {
		}

	}

	@Import(WantsRegistry.Wanting.class)
	static class WantsOneOfTwo {

		@Bean
		DefaultLockRegistry one() {
			return new DefaultLockRegistry();
		}

		@Bean
		DefaultLockRegistry two() {
			return new DefaultLockRegistry();
		}

	}

}
