package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import org.aopalliance.intercept.MethodInterceptor;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.JdbcLockAutoConfiguration;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * What the lock's own pool has from the application's DataSource, and which it leaves
 * alone.
 */
@ExtendWith(OutputCaptureExtension.class)
class LockPoolSourceTests {

	private static final String SHARES = "shares the application's DataSource";

	private final TestDatabase database = new TestDatabase("postgresql", PostgresServer.shared().newDatabase());

	private final JdbcTemplate owner = new JdbcTemplate(this.database.dataSource());

	@Test
	void credentialsThatAPoolMakesForEachConnectionAreAskedFor(CapturedOutput output) {
		this.database.withTable();
		Credentials credentials = Credentials.of(this.database.database().username(),
				this.database.database().password());
		try (HikariDataSource pool = new HikariDataSource() {

			@Override
			public Credentials getCredentials() {
				return credentials;
			}

		}) {
			pool.setJdbcUrl(this.database.database().jdbcUrl());
			try (JdbcLockDriver driver = JdbcLockDriver.beside(pool, this.database.settings(), 2)) {
				assertThat(driver.look(key())).isNull();
			}
		}
		assertThat(output).doesNotContain(SHARES);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aPasswordThatIsChangedAtRunTimeIsUsed(boolean pooled, CapturedOutput output) {
		this.database.withTable();
		String user = "u" + UUID.randomUUID().toString().replace("-", "");
		this.owner.execute("CREATE USER " + user + " SUPERUSER PASSWORD 'old'");
		try (HikariDataSource pool = new HikariDataSource()) {
			pool.setJdbcUrl(this.database.database().jdbcUrl());
			pool.setUsername(user);
			pool.setPassword("old");
			DriverManagerDataSource single = new DriverManagerDataSource(pool.getJdbcUrl(), user, "old");
			try (JdbcLockDriver driver = JdbcLockDriver.beside(pooled ? pool : single, this.database.settings(), 2)) {
				driver.look(key());
				this.owner.execute("ALTER USER " + user + " PASSWORD 'new'");
				pool.getHikariConfigMXBean().setPassword("new");
				single.setPassword("new");
				this.owner.queryForList(
						"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = ?", user);
				try {
					driver.look(key());
				}
				catch (LockStoreException ex) {
					assertThat(ex.isRefused()).as("refused: %s", ex).isFalse();
				}
				assertThatNoException().isThrownBy(() -> driver.look(key()));
			}
		}
		assertThat(output).doesNotContain(SHARES);
	}

	static Stream<Function<HikariDataSource, DataSource>> harmless() {
		return Stream.of(DelegatingDataSource::new, LazyConnectionDataSourceProxy::new,
				TransactionAwareDataSourceProxy::new,
				(pool) -> new TransactionAwareDataSourceProxy(new LazyConnectionDataSourceProxy(pool)),
				(pool) -> (DataSource) new ProxyFactory(pool).getProxy());
	}

	@ParameterizedTest
	@MethodSource("harmless")
	void aWrapperThatDoesNothingToAConnectionIsLookedThrough(Function<HikariDataSource, DataSource> wrapper,
			CapturedOutput output) {
		this.database.withTable();
		try (HikariDataSource pool = new HikariDataSource()) {
			connect(pool);
			JdbcLockDriver.beside(wrapper.apply(pool), this.database.settings(), 2).close();
		}
		assertThat(output).doesNotContain(SHARES);
	}

	static Stream<Function<HikariDataSource, DataSource>> settingASchema() {
		return Stream.of(SchemaOfATenant::new, (pool) -> new TransactionAwareDataSourceProxy(new SchemaOfATenant(pool)),
				(pool) -> {
					HikariDataSource special = new HikariDataSource() {

						@Override
						public Connection getConnection() throws SQLException {
							return inSchema(super.getConnection());
						}

					};
					pool.copyStateTo(special);
					return special;
				}, (pool) -> {
					ProxyFactory proxy = new ProxyFactory(pool);
					proxy.addAdvice((MethodInterceptor) (call) -> {
						Object result = call.proceed();
						return (result instanceof Connection connection) ? inSchema(connection) : result;
					});
					return (DataSource) proxy.getProxy();
				});
	}

	@ParameterizedTest
	@MethodSource("settingASchema")
	void theTableIsLookedForWhereItWasCreated(Function<HikariDataSource, DataSource> wrapper, CapturedOutput output) {
		this.owner.execute("CREATE SCHEMA tenant");
		try (HikariDataSource pool = new HikariDataSource()) {
			connect(pool);
			application(wrapper.apply(pool)).run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(DistributedLock.class)
					.run("net-1", () -> assertThat(
							this.owner.queryForObject("SELECT count(*) FROM tenant.dragonflow_lock", Integer.class))
						.as("Rows while held, in the schema of the tenant")
						.isOne());
			});
		}
		assertThat(output).contains(SHARES, "may do something to each connection", "@LockDataSource");
	}

	@ParameterizedTest
	@ValueSource(strings = { "default", "none", "wrapped" })
	void aDataSourceThatChoosesByTheThreadIsRefused(String kind, CapturedOutput output) {
		Database place = this.database.withTable().database();
		ByThread routing = new ByThread();
		routing.setTargetDataSources(Map.of("one", place.dataSource()));
		if (!kind.equals("none")) {
			routing.setDefaultTargetDataSource(place.dataSource());
		}
		routing.afterPropertiesSet();
		DataSource dataSource = kind.equals("wrapped") ? new LazyConnectionDataSourceProxy(routing) : routing;
		application(dataSource).run((context) -> assertThat(context).hasFailed()
			.getFailure()
			.rootCause()
			.isInstanceOf(LockStoreException.class)
			.hasMessageContainingAll(ByThread.class.getName(), "for each thread", "@LockDataSource"));
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> new JdbcLockDriver(dataSource, this.database.settings()))
			.withMessageContaining("for each thread");
	}

	private void connect(HikariDataSource pool) {
		pool.setJdbcUrl(this.database.database().jdbcUrl());
		pool.setUsername(this.database.database().username());
		pool.setPassword(this.database.database().password());
	}

	private static ApplicationContextRunner application(DataSource dataSource) {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(JdbcLockAutoConfiguration.class, DragonflowLockAutoConfiguration.class))
			.withBean(DataSource.class, () -> dataSource)
			.withPropertyValues("dragonflow.lock.driver=jdbc", "dragonflow.lock.jdbc.initialize-schema=always");
	}

	private static Connection inSchema(Connection connection) throws SQLException {
		connection.setSchema("tenant");
		return connection;
	}

	private static LockKey key() {
		return new LockKey("jdbc", UUID.randomUUID().toString());
	}

	private static final class SchemaOfATenant extends DelegatingDataSource {

		SchemaOfATenant(DataSource dataSource) {
			super(dataSource);
		}

		@Override
		public Connection getConnection() throws SQLException {
			return inSchema(super.getConnection());
		}

	}

	private static final class ByThread extends AbstractRoutingDataSource {

		@Override
		protected Object determineCurrentLookupKey() {
			return Thread.currentThread().getName();
		}

	}

}
