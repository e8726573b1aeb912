package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.JdbcLockAutoConfiguration;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.H2Server;
import org.dragonflow.lock.test.servers.MariaDbServer;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The driver as an application gets it.
 */
class JdbcLockAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
				JdbcLockAutoConfiguration.class, DragonflowLockAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=jdbc");

	static Stream<TestDatabase> emptyDatabases() {
		return Stream.of(new TestDatabase("postgresql", PostgresServer.shared().newDatabase()),
				new TestDatabase("mariadb", MariaDbServer.shared().newDatabase()),
				new TestDatabase("mysql", MariaDbServer.shared().newDatabaseForConnectorJ()),
				new TestDatabase("h2", H2Server.shared().newDatabase()), TestDatabase.emptyHsqlDb(),
				TestDatabase.emptyDerby(), TestDatabase.emptySqlite());
	}

	@Test
	void anEmbeddedDatabaseNeedsNothingElse() {
		this.runner.withPropertyValues("spring.datasource.generate-unique-name=true").run((context) -> {
			assertThat(context).hasSingleBean(JdbcLockDriver.class);
			JdbcTemplate database = context.getBean(JdbcTemplate.class);
			context.getBean(DistributedLock.class)
				.run("net-1", () -> assertThat(rows(database, "DRAGONFLOW_LOCK")).as("Rows while held").isOne());
			assertThat(rows(database, "DRAGONFLOW_LOCK")).as("Rows after the release").isZero();
		});
	}

	@ParameterizedTest
	@MethodSource("emptyDatabases")
	void theTableIsCreatedByItsNameOnEachDatabaseAndThenUsed(TestDatabase database) {
		ApplicationContextRunner application = on(database.database()).withPropertyValues(
				"dragonflow.lock.jdbc.initialize-schema=always", "dragonflow.lock.jdbc.table=NB_LOCKS",
				"dragonflow.lock.jdbc.platform=" + database.platform());
		application.run((first) -> application.run((second) -> {
			DistributedLock lock = first.getBean(DistributedLock.class);
			lock.lock("net-1");
			assertThat(rows(second.getBean(JdbcTemplate.class), "NB_LOCKS")).as("Rows while held").isOne();
			assertThat(second.getBean(DistributedLock.class).tryLock("net-1", Duration.ZERO)).isFalse();
			lock.unlock("net-1");
			assertThat(second.getBean(DistributedLock.class).tryLock("net-1", Duration.ZERO)).isTrue();
		}));
	}

	@Test
	void withoutItsTableTheApplicationDoesNotStart() {
		on(PostgresServer.shared().newDatabase()).run((context) -> assertThat(context).hasFailed()
			.getFailure()
			.rootCause()
			.hasMessageContaining("dragonflow_lock"));
	}

	@Test
	void severalInstancesStartAtTheSameTime() {
		ApplicationContextRunner application = on(PostgresServer.shared().newDatabase())
			.withPropertyValues("dragonflow.lock.jdbc.initialize-schema=always");
		List<CompletableFuture<Void>> starts = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			starts
				.add(CompletableFuture.runAsync(() -> application.run((context) -> assertThat(context).hasNotFailed()),
						(task) -> new Thread(task).start()));
		}
		assertThat(starts).as("Starts at the same time")
			.allSatisfy((start) -> assertThat(start).succeedsWithin(Duration.ofMinutes(1)));
	}

	@Test
	void twentyThreadsDoWithTwoConnections() {
		on(PostgresServer.shared().newDatabase())
			.withPropertyValues("dragonflow.lock.jdbc.initialize-schema=always",
					"spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.connection-timeout=30000")
			.withBean(Counter.class)
			.run((context) -> {
				JdbcTemplate database = context.getBean(JdbcTemplate.class);
				database.execute("CREATE TABLE counter (amount INTEGER NOT NULL)");
				database.update("INSERT INTO counter VALUES (0)");
				Counter counter = context.getBean(Counter.class);
				assertAllEnd(() -> counter.increment("net-1"));
				assertThat(database.queryForObject("SELECT amount FROM counter", Integer.class))
					.as("A counter that 20 threads incremented, each in a transaction inside the lock")
					.isEqualTo(20);
				TransactionTemplate transaction = new TransactionTemplate(
						context.getBean(PlatformTransactionManager.class));
				DistributedLock lock = context.getBean(DistributedLock.class);
				assertAllEnd(() -> transaction.executeWithoutResult((status) -> {
					database.queryForObject("SELECT 1", Integer.class);
					lock.run("net-1", () -> database.queryForObject("SELECT 2", Integer.class));
				}));
			});
	}

	@Test
	void theLocksSurviveARollbackOfTheCallersTransaction() {
		this.runner.withPropertyValues("spring.datasource.generate-unique-name=true").run((context) -> {
			DistributedLock lock = context.getBean(DistributedLock.class);
			new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
				.executeWithoutResult((status) -> {
					context.getBean(JdbcTemplate.class).queryForObject("SELECT 1", Integer.class);
					lock.lock("net-1");
					status.setRollbackOnly();
				});
			assertThat(rows(context.getBean(JdbcTemplate.class), "DRAGONFLOW_LOCK")).as("Rows after the rollback")
				.isOne();
			lock.unlock("net-1");
		});
	}

	@Test
	void aDataSourceForLocksAloneIsUsedAsItIs() {
		this.runner
			.withPropertyValues("spring.datasource.generate-unique-name=true",
					"dragonflow.lock.jdbc.initialize-schema=always")
			.withUserConfiguration(LocksApart.class)
			.run((context) -> {
				context.getBean(DistributedLock.class).lock("net-1");
				JdbcTemplate locks = new JdbcTemplate(context.getBean("locks", DataSource.class));
				assertThat(rows(locks, "DRAGONFLOW_LOCK")).as("Rows in the database for locks").isOne();
				assertThat(context.getBean(JdbcTemplate.class)
					.queryForObject(
							"SELECT count(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'DRAGONFLOW_LOCK'",
							Integer.class))
					.as("Lock tables in the application's database")
					.isZero();
			});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void anUnnamedDatabaseIsSharedAndThatIsSaid(CapturedOutput output) {
		this.runner
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:", "spring.datasource.hikari.maximum-pool-size=1",
					"dragonflow.lock.jdbc.initialize-schema=always")
			.run((context) -> {
				context.getBean(DistributedLock.class).run("net-1", () -> {
				});
				assertThat(output).contains("shares the application's DataSource", "@LockDataSource");
			});
	}

	@Test
	void withoutADataSourceThereIsNoDriver() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(JdbcLockAutoConfiguration.class))
			.withPropertyValues("dragonflow.lock.driver=jdbc")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockDriver.class));
	}

	@Test
	void anotherDriverOrNoneLeavesTheDatabaseAlone() {
		for (String property : List.of("dragonflow.lock.driver=other", "dragonflow.lock.enabled=false")) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcLockAutoConfiguration.class))
				.withPropertyValues("dragonflow.lock.driver=jdbc", property)
				.run((context) -> assertThat(context).hasNotFailed()
					.doesNotHaveBean(LockDriver.class)
					.doesNotHaveBean("jdbcLockSchemaInitializer"));
		}
	}

	private ApplicationContextRunner on(Database database) {
		return this.runner.withPropertyValues("spring.datasource.url=" + database.jdbcUrl(),
				"spring.datasource.username=" + database.username(),
				"spring.datasource.password=" + database.password());
	}

	private static int rows(JdbcTemplate database, String table) {
		Integer count = database.queryForObject("SELECT count(*) FROM " + table + " WHERE released_at IS NULL",
				Integer.class);
		assertThat(count).isNotNull();
		return count;
	}

	private static void assertAllEnd(Runnable task) throws InterruptedException {
		ExecutorService threads = Executors.newFixedThreadPool(20);
		try {
			List<CompletableFuture<Void>> tasks = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				tasks.add(CompletableFuture.runAsync(task, threads));
			}
			assertThat(tasks).as("Twenty threads that lock")
				.allSatisfy((one) -> assertThat(one).succeedsWithin(Duration.ofMinutes(1)));
		}
		finally {
			threads.shutdown();
			threads.awaitTermination(10, TimeUnit.SECONDS);
		}
	}

	/**
	 * Loses updates unless it is locked.
	 */
	static class Counter {

		private final JdbcTemplate database;

		Counter(JdbcTemplate database) {
			this.database = database;
		}

		@NbLocked("#id")
		@Transactional
		public void increment(String id) {
			Integer amount = this.database.queryForObject("SELECT amount FROM counter", Integer.class);
			this.database.update("UPDATE counter SET amount = ?", (amount != null) ? amount + 1 : 1);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LocksApart {

		@Bean(defaultCandidate = false)
		@LockDataSource
		HikariDataSource locks() {
			HikariDataSource dataSource = new HikariDataSource();
			dataSource.setJdbcUrl("jdbc:h2:mem:locks-apart");
			return dataSource;
		}

	}

}
