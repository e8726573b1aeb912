package org.dragonflow.lock.jdbc;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

import org.dragonflow.lock.test.servers.H2Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The driver in JVMs whose class path lacks what is optional.
 */
@Timeout(120)
class FewLibrariesTests {

	private static final String SHARED = "The jdbc lock driver shares the application's DataSource";

	@ParameterizedTest
	@ValueSource(strings = { "postgresql", "spring-integration", "spring-data" })
	void anOptionalLibraryMayBeMissing(String library) throws Exception {
		assertThat(runWithout(library)).as("What an application without %s says", library)
			.contains("taken while held: false", "taken when free: true")
			.doesNotContain(SHARED);
	}

	@Test
	void withoutAPoolTheApplicationsConnectionsAreSharedAndThatIsSaid() throws Exception {
		assertThat(runWithout("HikariCP")).as("What an application without a pool says")
			.contains("taken while held: false", "taken when free: true")
			.contains(SHARED)
			.contains("com.zaxxer:HikariCP is not on the class path");
	}

	private static String runWithout(String library) throws IOException, InterruptedException {
		String[] all = System.getProperty("java.class.path").split(File.pathSeparator);
		String some = Arrays.stream(all)
			.filter((entry) -> !Path.of(entry).getFileName().toString().startsWith(library))
			.collect(Collectors.joining(File.pathSeparator));
		assertThat(some.split(File.pathSeparator)).as("The class path without %s", library).hasSizeLessThan(all.length);
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-cp", some, FewLibrariesApplication.class.getName(),
				"--url=" + H2Server.shared().newDatabase().jdbcUrl())
			.redirectErrorStream(true)
			.start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as("The exit status of an application that said: %s", output).isZero();
			return output;
		}
		finally {
			process.destroyForcibly();
		}
	}

}
