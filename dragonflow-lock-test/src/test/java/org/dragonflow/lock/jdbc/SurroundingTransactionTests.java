package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.JdbcLockAutoConfiguration;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What another instance sees that takes the lock after a method whose caller has a
 * transaction.
 */
class SurroundingTransactionTests {

	private final Database postgres = PostgresServer.shared().newDatabase();

	private final ApplicationContextRunner instance = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
				JdbcLockAutoConfiguration.class, DragonflowLockAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=jdbc", "dragonflow.lock.jdbc.initialize-schema=always",
				"spring.datasource.url=" + this.postgres.jdbcUrl(),
				"spring.datasource.username=" + this.postgres.username(),
				"spring.datasource.password=" + this.postgres.password())
		.withBean(Networks.class);

	@Test
	void anotherInstanceReadsWhatTheCallersTransactionHasCommitted() {
		this.instance.run((one) -> this.instance.run((other) -> {
			createTable(one);
			CompletableFuture<String> read = inTransaction(one, () -> {
				one.getBean(Networks.class).rename("net-1", "new");
				assertThat(other.getBean(DistributedLock.class).tryLock("net-1", Duration.ZERO))
					.as("The other instance has the lock before the commit")
					.isFalse();
				return CompletableFuture.supplyAsync(() -> other.getBean(Networks.class).name("net-1"));
			});
			assertThat(read).as("What the other instance reads under the lock")
				.succeedsWithin(Duration.ofSeconds(30))
				.isEqualTo("new");
		}));
	}

	@Test
	void withoutThatItReadsTheOldState() {
		ApplicationContextRunner releasingEarly = this.instance.withUserConfiguration(NoTransactions.class);
		releasingEarly.run((one) -> this.instance.run((other) -> {
			createTable(one);
			String read = inTransaction(one, () -> {
				one.getBean(Networks.class).rename("net-1", "new");
				return other.getBean(Networks.class).name("net-1");
			});
			assertThat(read).as("What the other instance reads under the lock").isEqualTo("old");
		}));
	}

	private static void createTable(ApplicationContext instance) {
		JdbcTemplate database = instance.getBean(JdbcTemplate.class);
		database.execute("CREATE TABLE network (id VARCHAR(20) PRIMARY KEY, name VARCHAR(20))");
		database.update("INSERT INTO network VALUES ('net-1', 'old')");
	}

	private static <T> @Nullable T inTransaction(ApplicationContext instance, Step<T> step) {
		return new TransactionTemplate(instance.getBean(PlatformTransactionManager.class)).execute((status) -> {
			try {
				return step.run();
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		});
	}

	interface Step<T> {

		T run() throws InterruptedException;

	}

	static class Networks {

		private final JdbcTemplate database;

		Networks(JdbcTemplate database) {
			this.database = database;
		}

		@NbLocked("#id")
		public void rename(String id, String name) {
			this.database.update("UPDATE network SET name = ? WHERE id = ?", name, id);
		}

		@NbLocked("#id")
		public String name(String id) {
			return String
				.valueOf(this.database.queryForObject("SELECT name FROM network WHERE id = ?", String.class, id));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoTransactions {

		@Bean
		@Primary
		Transactions noTransactions() {
			return Transactions.NONE;
		}

	}

}
