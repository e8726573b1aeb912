package org.dragonflow.lock.starter;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs an application in a JVM that has exactly the class path that the starter brings.
 */
@Timeout(120)
class StarterTests {

	@Test
	void anApplicationThatAddsNothingElseStartsAndLocks() throws Exception {
		String classPath = Files.readString(Path.of("target", "starter-class-path"));
		assertThat(classPath.split(File.pathSeparator)).as("What the starter brings")
			.noneMatch((entry) -> Stream.of("HikariCP", "postgresql", "spring-jdbc", "junit", "aspectj")
				.anyMatch(entry::contains));
		assertThat(run(classPath)).as("What the application says")
			.containsExactly("held in the method: true", "held after it: false", "registries: 1");
	}

	private static Iterable<String> run(String classPath) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-cp", Path.of("target", "test-classes") + File.pathSeparator + classPath,
				StarterApplication.class.getName())
			.redirectErrorStream(true)
			.start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as("The exit status of an application that said: %s", output).isZero();
			return output.lines().toList();
		}
		finally {
			process.destroyForcibly();
		}
	}

}
