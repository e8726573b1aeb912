package org.dragonflow.lock.actuate;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Mistakes are told at start.
 */
class LockManagementPropertiesTests {

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 10_001 })
	void aLimitThatCannotBeIsNamed(int limit) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> new LockManagementProperties(Duration.ofSeconds(2), limit))
			.withMessageContainingAll("dragonflow.lock.management.limit", String.valueOf(limit))
			.satisfies((ex) -> assertThat(ex.getReason()).contains("1 to 10000"));
	}

	@Test
	void aTimeoutThatCannotBeIsNamed() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> new LockManagementProperties(Duration.ofSeconds(-1), 500))
			.withMessageContaining("dragonflow.lock.management.timeout");
	}

}
