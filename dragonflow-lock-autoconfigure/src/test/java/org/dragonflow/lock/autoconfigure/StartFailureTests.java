package org.dragonflow.lock.autoconfigure;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Arrays;

import javax.sql.DataSource;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.local.LocalLockDriver;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.spy;

/**
 * What a developer reads who has made a mistake: the report that Boot prints when the
 * start fails.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartFailureTests {

	@Test
	void noDriverIsChosen(CapturedOutput output) {
		fail(Application.class);
		assertReport(output, "No driver is chosen for the distributed lock: dragonflow.lock.driver is not set",
				"Set dragonflow.lock.driver to one of:", "- local (usable now)",
				"- jdbc (to use it, configure or define a DataSource)", "org.dragonflow.lock.spi.LockDriver");
	}

	@Test
	void noDriverIsChosenAndThereIsADataSource(CapturedOutput output) {
		fail(WithDataSource.class, "dragonflow.lock.driver=");
		assertReport(output, "No driver is chosen", "- jdbc (usable now)");
	}

	@Test
	void theDriverIsNotKnown(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=Jbdc");
		assertReport(output, "'dragonflow.lock.driver=Jbdc' is not known", "- jdbc", "- local (usable now)",
				"its auto-configuration is for that name");
	}

	@Test
	void theDriverOfAnotherLibraryIsMissing(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=consul");
		assertReport(output, "'dragonflow.lock.driver=consul' is not known",
				"If 'consul' is a driver of another library");
	}

	@Test
	void theDriversLibraryIsMissing(CapturedOutput output) {
		SpringApplication application = application(Application.class);
		application.setResourceLoader(new DefaultResourceLoader(
				new FilteredClassLoader("org.springframework.jdbc", "org.springframework.boot.jdbc")));
		fail(application, "dragonflow.lock.driver=jdbc");
		assertReport(output, "'dragonflow.lock.driver=jdbc' cannot be used: its library is not on the class path",
				"add the dependency org.springframework.boot:spring-boot-starter-jdbc");
	}

	@Test
	void theDriverHasNoDataSource(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=jdbc");
		assertReport(output, "'dragonflow.lock.driver=jdbc' cannot be used: there is no DataSource bean",
				"configure or define a DataSource");
	}

	@Test
	void theDriverHasTooManyDataSources(CapturedOutput output) {
		fail(WithDataSources.class, "dragonflow.lock.driver=jdbc");
		assertReport(output, "'dragonflow.lock.driver=jdbc' cannot be used", "there are several DataSource beans",
				"mark one of the beans one, two with @Primary, or with @LockDataSource");
	}

	@Test
	void theDriversRedisLibraryIsMissing(CapturedOutput output) {
		SpringApplication application = application(Application.class);
		application.setResourceLoader(new DefaultResourceLoader(
				new FilteredClassLoader("org.springframework.data.redis", "org.springframework.boot.data.redis")));
		fail(application, "dragonflow.lock.driver=redis");
		assertReport(output, "'dragonflow.lock.driver=redis' cannot be used: its library is not on the class path",
				"add the dependency org.springframework.boot:spring-boot-starter-data-redis");
	}

	@Test
	void theDriverHasNoRedisConnectionFactory(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=redis");
		assertReport(output, "'dragonflow.lock.driver=redis' cannot be used: there is no RedisConnectionFactory bean",
				"configure or define a RedisConnectionFactory");
	}

	@Test
	void theDriversLockRegistryLibraryIsMissing(CapturedOutput output) {
		SpringApplication application = application(Application.class);
		application
			.setResourceLoader(new DefaultResourceLoader(new FilteredClassLoader("org.springframework.integration")));
		fail(application, "dragonflow.lock.driver=registry");
		assertReport(output, "'dragonflow.lock.driver=registry' cannot be used: its library is not on the class path",
				"add the dependency org.springframework.integration:spring-integration-core");
	}

	@Test
	void theDriversZooKeeperLibraryIsMissing(CapturedOutput output) {
		SpringApplication application = application(Application.class);
		application.setResourceLoader(new DefaultResourceLoader(new FilteredClassLoader("org.apache.curator")));
		fail(application, "dragonflow.lock.driver=zookeeper");
		assertReport(output, "'dragonflow.lock.driver=zookeeper' cannot be used: its library is not on the class path",
				"add the dependency org.apache.curator:curator-framework:5.9.0");
	}

	@Test
	void theDriverHasNoLockRegistry(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=registry");
		assertReport(output, "'dragonflow.lock.driver=registry' cannot be used: there is no LockRegistry bean",
				"configure or define a LockRegistry");
	}

	@Test
	void theDriverHasTooManyLockRegistries(CapturedOutput output) {
		fail(WithLockRegistries.class, "dragonflow.lock.driver=registry");
		assertReport(output, "'dragonflow.lock.driver=registry' cannot be used", "there are several LockRegistry beans",
				"mark one of the beans one, two with @Primary.");
	}

	@Test
	void theStoreCannotBeReached(CapturedOutput output) {
		fail(Unreachable.class);
		assertReport(output, "The store of the distributed lock cannot be reached: No answer from db:5432",
				"The reason: Connection refused", "Start the store, or correct its address");
	}

	@ParameterizedTest
	@ValueSource(strings = { "embedded", "always", "never" })
	void theDatabaseCannotBeReached(String initialize, CapturedOutput output) {
		fail(WithUnreachableDatabase.class, "dragonflow.lock.driver=jdbc",
				"dragonflow.lock.jdbc.initialize-schema=" + initialize);
		assertReport(output,
				"The store of the distributed lock cannot be reached: Could not find out which database it is",
				"localhost:1", "Start the store, or correct its address");
	}

	@Test
	void theDatabaseCannotBeReachedThoughItsKindIsNamed(CapturedOutput output) {
		fail(WithUnreachableDatabase.class, "dragonflow.lock.driver=jdbc",
				"dragonflow.lock.jdbc.initialize-schema=always", "dragonflow.lock.jdbc.platform=h2");
		assertReport(output,
				"The store of the distributed lock cannot be reached: Could not create the table DRAGONFLOW_LOCK",
				"localhost:1");
	}

	@Test
	void theTableIsMissing(CapturedOutput output) {
		fail(WithDatabase.class, "dragonflow.lock.driver=jdbc", "dragonflow.lock.jdbc.initialize-schema=never");
		assertReport(output, "The store of the distributed lock refuses", "The table DRAGONFLOW_LOCK",
				"dragonflow.lock.jdbc.initialize-schema=always");
	}

	@ParameterizedTest
	@CsvSource({ "oracle, embedded", "oracle, never", "postgres, always", "H2, never" })
	void thePlatformHasNoDialect(String platform, String initialize, CapturedOutput output) {
		fail(WithDatabase.class, "dragonflow.lock.driver=jdbc", "dragonflow.lock.jdbc.platform=" + platform,
				"dragonflow.lock.jdbc.initialize-schema=" + initialize);
		assertReport(output,
				"Invalid value '" + platform + "' for configuration property 'dragonflow.lock.jdbc.platform'",
				"must be one of postgresql, mariadb, mysql, h2, hsqldb, derby, sqlite, portable");
	}

	@Test
	void anEmptyPlatformIsFoundOut() {
		application(WithLastingDatabase.class).run("--dragonflow.lock.driver=jdbc", "--dragonflow.lock.jdbc.platform=")
			.close();
	}

	@Test
	void theDatabaseIsOfNoKnownKind(CapturedOutput output) {
		fail(WithUnknownDatabase.class, "dragonflow.lock.driver=jdbc", "dragonflow.lock.jdbc.initialize-schema=always");
		assertReport(output, "The store of the distributed lock refuses", "which calls itself 'Frogbase'",
				"'dragonflow.lock.jdbc.platform'", "h2, hsqldb, derby, sqlite, portable");
	}

	@Test
	void theScriptForTheTableIsMissing(CapturedOutput output) {
		fail(WithDatabase.class, "dragonflow.lock.driver=jdbc", "dragonflow.lock.jdbc.schema=classpath:not-there.sql");
		assertReport(output, "The store of the distributed lock refuses: Could not create the table DRAGONFLOW_LOCK",
				"classpath:not-there.sql", "dragonflow.lock.jdbc.schema",
				"dragonflow.lock.jdbc.initialize-schema=never");
	}

	@Test
	void theStoreIsAskedAlsoWhereBeansAreLazy(CapturedOutput output) {
		fail(Unreachable.class, "spring.main.lazy-initialization=true");
		assertReport(output, "The store of the distributed lock cannot be reached");
	}

	@Test
	void theStoreRefuses(CapturedOutput output) {
		fail(Refusing.class);
		assertReport(output,
				"The store of the distributed lock refuses: The table DRAGONFLOW_LOCK is missing; create it",
				"Correct what the store objects to");
	}

	@Test
	void theLeaseIsTooShort(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=local", "dragonflow.lock.lease=99ms");
		assertReport(output, "dragonflow.lock.lease", "99ms", "must be 100ms or longer");
	}

	@Test
	void theWaitIsNegative(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=local", "dragonflow.lock.wait=-5s");
		assertReport(output, "dragonflow.lock.wait", "-5s", "must not be negative");
	}

	@Test
	void theTimeBeforeAWarningIsNegative(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=local", "dragonflow.lock.warn-after=-1s");
		assertReport(output, "dragonflow.lock.warn-after", "-1s", "must not be negative");
	}

	@Test
	void theLongestHoldIsZero(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=local", "dragonflow.lock.max-hold=0s");
		assertReport(output, "dragonflow.lock.max-hold", "0s", "must be positive");
	}

	@ParameterizedTest
	@CsvSource({ "table, a;b", "table, ''", "connections, 0", "timeout, 0s", "poll-interval, -1ms" })
	void aPropertyOfTheJdbcDriverIsWrong(String name, String value, CapturedOutput output) {
		fail(WithDatabase.class, "dragonflow.lock.driver=jdbc", "dragonflow.lock.jdbc." + name + "=" + value);
		assertReport(output, "dragonflow.lock.jdbc." + name, "must be");
	}

	@Test
	void theNamespaceIsEmpty(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=local", "dragonflow.lock.namespace=");
		assertReport(output, "dragonflow.lock.namespace", "must not be null or empty");
	}

	@Test
	void anAnnotationIsWrong(CapturedOutput output) {
		fail(WithTypo.class, "dragonflow.lock.driver=local");
		assertReport(output, "@NbLocked on " + WithTypo.class.getName() + ".work(String) uses the variable #typo",
				"Use what exists: #a0, #id, #root.");
	}

	@Test
	void theOrderOfTheLockIsNoNumber(CapturedOutput output) {
		fail(Application.class, "dragonflow.lock.driver=local", "dragonflow.lock.aspect.order=first");
		assertReport(output, "dragonflow.lock.aspect.order", "first");
	}

	@Test
	void theTransactionWouldBeginBeforeTheLock(CapturedOutput output) {
		fail(WithEarlyTransactions.class, "dragonflow.lock.driver=local");
		assertReport(output, "WithEarlyTransactions.work(String)", "its transaction has the order 0",
				"dragonflow.lock.aspect.order");
		application(WithEarlyTransactions.class)
			.run("--dragonflow.lock.driver=local", "--dragonflow.lock.aspect.order=-1")
			.close();
	}

	private static void assertReport(CapturedOutput output, String... parts) {
		assertThat(output).contains("APPLICATION FAILED TO START").contains(parts);
	}

	private static void fail(Class<?> source, String... properties) {
		fail(application(source), properties);
	}

	private static void fail(SpringApplication application, String... properties) {
		String[] arguments = Arrays.stream(properties).map("--"::concat).toArray(String[]::new);
		assertThatThrownBy(() -> application.run(arguments).close()).isNotNull();
	}

	private static SpringApplication application(Class<?> source) {
		SpringApplication application = new SpringApplication(source);
		application.setWebApplicationType(WebApplicationType.NONE);
		return application;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, JdbcLockAutoConfiguration.class,
			LocalLockAutoConfiguration.class, RedisLockAutoConfiguration.class, RegistryLockAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class WithDataSource extends Application {

		@Bean
		DataSource dataSource() {
			return new JdbcDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithDatabase extends Application {

		@Bean
		DataSource dataSource() {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setUrl("jdbc:h2:mem:start-failure");
			return dataSource;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithUnreachableDatabase extends Application {

		@Bean
		DataSource dataSource() {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setUrl("jdbc:h2:tcp://localhost:1/nothing");
			return dataSource;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithLastingDatabase extends Application {

		@Bean
		DataSource dataSource() {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setUrl("jdbc:h2:mem:lasting;DB_CLOSE_DELAY=-1");
			return dataSource;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithUnknownDatabase extends Application {

		@Bean
		DataSource dataSource() {
			return new DelegatingDataSource(new WithDatabase().dataSource()) {
				@Override
				public Connection getConnection() throws SQLException {
					Connection connection = spy(super.getConnection());
					DatabaseMetaData metaData = spy(connection.getMetaData());
					doReturn("Frogbase").when(metaData).getDatabaseProductName();
					doReturn(metaData).when(connection).getMetaData();
					return connection;
				}
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithDataSources extends Application {

		@Bean
		DataSource one() {
			return new JdbcDataSource();
		}

		@Bean
		DataSource two() {
			return new JdbcDataSource();
		}

		@Bean(defaultCandidate = false)
		DataSource onlyByName() {
			return new JdbcDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithLockRegistries extends Application {

		@Bean
		DefaultLockRegistry one() {
			return new DefaultLockRegistry();
		}

		@Bean
		DefaultLockRegistry two() {
			return new DefaultLockRegistry();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Unreachable extends Application {

		@Bean
		AskedDriver driver() {
			return new AskedDriver(new LocalLockDriver(), LockStoreException.unreachable("No answer from db:5432",
					new IllegalStateException("Connection refused")));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Refusing extends Application {

		@Bean
		AskedDriver driver() {
			return new AskedDriver(new LocalLockDriver(),
					LockStoreException.refused("The table DRAGONFLOW_LOCK is missing; create it", null));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithTypo extends Application {

		@NbLocked("#typo")
		public void work(String id) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(order = 0)
	static class WithEarlyTransactions extends Application {

		@Transactional
		@NbLocked("#id")
		public void work(String id) {
		}

	}

}
