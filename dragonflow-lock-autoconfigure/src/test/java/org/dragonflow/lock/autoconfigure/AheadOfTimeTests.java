package org.dragonflow.lock.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.etcd.jetcd.Client;
import io.lettuce.core.RedisClient;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRevocationEvent;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.env.MapPropertySource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is generated when an application is processed ahead of time.
 */
class AheadOfTimeTests {

	@Test
	void everyResourceOfTheDriversIsKept() throws IOException {
		List<RuntimeHints> hints = List.of(process("dragonflow.lock.driver=jdbc").hints(),
				process("dragonflow.lock.driver=redis").hints());
		List<String> resources = resourcesOfDrivers();
		assertThat(resources).as("The resources that there are")
			.contains("org/dragonflow/lock/jdbc/schema-h2.sql", "org/dragonflow/lock/redis/common.lua");
		assertThat(resources).allSatisfy((resource) -> assertThat(hints).as("The hints of the drivers for " + resource)
			.anyMatch(RuntimeHintsPredicates.resource().forResource(resource)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "local", "jdbc", "redis", "etcd", "zookeeper" })
	void thePropertiesCanBeBound(String driver) {
		RuntimeHints hints = process("dragonflow.lock.driver=" + driver).hints();
		assertConstructible(hints, DragonflowLockProperties.class);
		assertConstructible(hints, DragonflowLockProperties.HandOverProperties.class);
		switch (driver) {
			case "jdbc" -> assertSettable(hints, JdbcLockProperties.class, "setTable");
			case "redis" -> assertSettable(hints, RedisLockProperties.class, "setNodes");
			case "etcd" -> assertSettable(hints, EtcdLockProperties.Ssl.class, "setBundle");
			case "zookeeper" -> assertConstructible(hints, ZooKeeperLockProperties.class);
			default -> {
			}
		}
	}

	@Test
	void theEventsCanBeReadByConditionsOfListeners() {
		RuntimeHints hints = process("dragonflow.lock.driver=local").hints();
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(LockLostEvent.class, "objectId"))
			.accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(LockRevocationEvent.class, "objectId"))
			.accepts(hints);
	}

	@Test
	void theLibrariesAreFoundThatADriverLooksFor() {
		RuntimeHints jdbc = process("dragonflow.lock.driver=jdbc").hints();
		assertThat(RuntimeHintsPredicates.reflection().onType(HikariDataSource.class)).accepts(jdbc);
		assertThat(RuntimeHintsPredicates.reflection().onType(PGConnection.class)).accepts(jdbc);
		assertThat(RuntimeHintsPredicates.reflection().onType(DataSource.class)).accepts(jdbc);
		assertThat(RuntimeHintsPredicates.reflection().onType(Client.class)).accepts(jdbc);
		RuntimeHints redis = process("dragonflow.lock.driver=redis").hints();
		assertThat(RuntimeHintsPredicates.reflection().onType(RedisClient.class)).accepts(redis);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			dragonflow.lock.driver=redis              | true, "redis", true
			dragonflow.lock.enabled=false             | false, null, true
			dragonflow.lock.jdbc.initialize-schema=never | true, null, false
			""")
	void theStartComparesWithWhatWasChosen(String property, String arguments) {
		assertThat(process(property).sources()).as("What is generated")
			.contains("BuildTimeChoice.check(environment, " + arguments + ")");
	}

	@Test
	void nothingIsComparedWithoutLocksInTheContext() {
		assertThat(process(new AnnotationConfigApplicationContext()).sources()).as("What is generated")
			.doesNotContain("BuildTimeChoice");
	}

	private static void assertConstructible(RuntimeHints hints, Class<?> type) {
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(type.getDeclaredConstructors()[0]))
			.as("The constructor of " + type)
			.accepts(hints);
	}

	private static void assertSettable(RuntimeHints hints, Class<?> type, String setter) {
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(type, setter)
			.or(RuntimeHintsPredicates.reflection()
				.onType(type)
				.withMemberCategory(MemberCategory.INVOKE_DECLARED_METHODS)))
			.as(setter + " of " + type)
			.accepts(hints);
	}

	private static List<String> resourcesOfDrivers() throws IOException {
		Path root = Path.of("src/main/resources");
		try (Stream<Path> files = Files.walk(root.resolve("org"))) {
			return files.filter(Files::isRegularFile)
				.map((file) -> root.relativize(file).toString().replace(File.separatorChar, '/'))
				.filter((name) -> !name.startsWith("org/dragonflow/lock/console/"))
				.toList();
		}
	}

	private static Processed process(String property) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		Map<String, Object> properties = new TreeMap<>();
		properties.put(property.substring(0, property.indexOf('=')), property.substring(property.indexOf('=') + 1));
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
		context.register(Application.class);
		return process(context);
	}

	private static Processed process(AnnotationConfigApplicationContext context) {
		try (context) {
			InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
			DefaultGenerationContext generation = new DefaultGenerationContext(
					new ClassNameGenerator(ClassName.get(AheadOfTimeTests.class)), files);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			generation.writeGeneratedContent();
			String sources = files.getGeneratedFiles(Kind.SOURCE)
				.keySet()
				.stream()
				.map((path) -> content(files, path))
				.collect(Collectors.joining());
			return new Processed(generation.getRuntimeHints(), sources);
		}
	}

	private static String content(InMemoryGeneratedFiles files, String path) {
		try {
			return String.valueOf(files.getGeneratedFileContent(Kind.SOURCE, path));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What comes out.
	 *
	 * @param hints for a native image
	 * @param sources all of the code
	 */
	private record Processed(RuntimeHints hints, String sources) {
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, EtcdLockAutoConfiguration.class,
			JdbcLockAutoConfiguration.class, LocalLockAutoConfiguration.class, RedisLockAutoConfiguration.class,
			ZooKeeperLockAutoConfiguration.class })
	static class Application {

		@Bean
		DataSource dataSource() {
			return new JdbcDataSource();
		}

		@Bean
		LettuceConnectionFactory redisConnectionFactory() {
			return new LettuceConnectionFactory();
		}

	}

}
