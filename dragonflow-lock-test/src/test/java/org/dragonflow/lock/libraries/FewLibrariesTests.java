package org.dragonflow.lock.libraries;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.dragonflow.lock.test.servers.H2Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications in JVMs of their own, whose class path really lacks what is optional. They
 * start, and they lock.
 */
@Timeout(120)
class FewLibrariesTests {

	private static final String SHARED = "The jdbc lock driver shares the application's DataSource";

	/**
	 * What an application may lack, by the names of the files.
	 * @param libraries how they begin, with blanks between
	 */
	@ParameterizedTest
	@ValueSource(strings = { "spring-boot-actuator spring-boot-health spring-boot-starter-actuator", "micrometer-",
			"reactor- lettuce-", "spring-jdbc spring-boot-jdbc HikariCP",
			"spring-data-redis spring-boot-data-redis lettuce- jedis", "jetcd-", "curator- zookeeper",
			"spring-integration-" })
	void anApplicationNeedsNoLibraryThatItDoesNotUse(String libraries) throws Exception {
		assertThat(runWithout(libraries, LocalApplication.class)).as("What an application without %s says", libraries)
			.contains("taken while held: false", "taken when free: true");
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql", "spring-integration", "spring-data" })
	void theJdbcDriverNeedsItsDatabaseOnly(String library) throws Exception {
		assertThat(runWithout(library, JdbcApplication.class, urlOfADatabase()))
			.as("What an application without %s says", library)
			.contains("taken while held: false", "taken when free: true")
			.doesNotContain(SHARED);
	}

	@Test
	void withoutAPoolTheApplicationsConnectionsAreSharedAndThatIsSaid() throws Exception {
		assertThat(runWithout("HikariCP", JdbcApplication.class, urlOfADatabase()))
			.as("What an application without a pool says")
			.contains("taken while held: false", "taken when free: true")
			.contains(SHARED)
			.contains("com.zaxxer:HikariCP is not on the class path");
	}

	private static String urlOfADatabase() {
		return "--url=" + H2Server.shared().newDatabase().jdbcUrl();
	}

	private static String runWithout(String libraries, Class<?> application, String... arguments)
			throws IOException, InterruptedException {
		String[] all = System.getProperty("java.class.path").split(File.pathSeparator);
		List<String> missing = List.of(libraries.split(" "));
		assertThat(missing).as("All of them are there").allMatch((library) -> Arrays.stream(all).anyMatch(is(library)));
		String some = Arrays.stream(all)
			.filter((entry) -> missing.stream().noneMatch((library) -> is(library).test(entry)))
			.collect(Collectors.joining(File.pathSeparator));
		ProcessBuilder command = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", some, application.getName());
		command.command().addAll(List.of(arguments));
		Process process = command.redirectErrorStream(true).start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as("The exit status of an application that said: %s", output).isZero();
			return output;
		}
		finally {
			process.destroyForcibly();
		}
	}

	private static Predicate<String> is(String library) {
		return (entry) -> Path.of(entry).getFileName().toString().startsWith(library);
	}

}
