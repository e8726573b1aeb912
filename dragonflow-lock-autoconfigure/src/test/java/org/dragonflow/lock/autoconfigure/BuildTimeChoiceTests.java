package org.dragonflow.lock.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * An application that was processed ahead of time with some properties, and is started
 * with others.
 */
class BuildTimeChoiceTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", textBlock = """
			driver=redis                           | driver=redis
			driver=redis                           | driver=REDIS
			driver=redis                           | -
			driver=redis                           | driver=
			-                                      | -
			enabled=false                          | enabled=false
			enabled=false                          | enabled=false driver=redis
			-                                      | enabled=true
			driver=jdbc jdbc.initialize-schema=never  | -
			driver=jdbc jdbc.initialize-schema=always | jdbc.initialize-schema=never
			driver=redis jdbc.initialize-schema=never | jdbc.initialize-schema=always
			""")
	void aStartThatWantsNothingElseGoesOn(@Nullable String processed, @Nullable String started) {
		BuildTimeChoice choice = BuildTimeChoice.of(environment(processed));
		assertThatNoException().isThrownBy(() -> choice.check(environment(started)));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-",
			textBlock = """
					driver=redis  | driver=etcd   | for 'dragonflow.lock.driver=redis'  | dragonflow.lock.driver=etcd
					-             | driver=etcd   | without 'dragonflow.lock.driver'    | dragonflow.lock.driver=etcd
					enabled=false | -             | for 'dragonflow.lock.enabled=false' | dragonflow.lock.enabled=true
					enabled=false | enabled=true  | for 'dragonflow.lock.enabled=false' | dragonflow.lock.enabled=true
					driver=redis  | enabled=false | for 'dragonflow.lock.enabled=true'  | dragonflow.lock.enabled=false
					driver=jdbc jdbc.initialize-schema=never | jdbc.initialize-schema=always | for 'dragonflow.lock.jdbc.initialize-schema=never' | dragonflow.lock.jdbc.initialize-schema=always
					""")
	void aStartThatWantsSomethingElseFails(@Nullable String processed, @Nullable String started, String first,
			String second) {
		BuildTimeChoice choice = BuildTimeChoice.of(environment(processed));
		BuildTimeChoiceException failure = catchThrowableOfType(BuildTimeChoiceException.class,
				() -> choice.check(environment(started)));
		assertThat(failure).as("What the start ends with").isNotNull();
		FailureAnalysis analysis = new BuildTimeChoiceFailureAnalyzer().analyze(failure);
		assertThat(analysis).isNotNull();
		assertThat(analysis.getDescription()).contains("processed ahead of time " + first,
				"is started with '" + second + "'");
		assertThat(analysis.getAction()).contains("process it again with " + second, "-Dspring.aot.enabled=false");
	}

	private static MockEnvironment environment(@Nullable String properties) {
		MockEnvironment environment = new MockEnvironment();
		if (properties != null) {
			for (String property : properties.split(" +")) {
				environment.setProperty("dragonflow.lock." + property.substring(0, property.indexOf('=')),
						property.substring(property.indexOf('=') + 1));
			}
		}
		return environment;
	}

}
