package org.dragonflow.lock.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.faults.TcpProxy;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.DatabaseServer;
import org.dragonflow.lock.test.servers.H2Server;
import org.dragonflow.lock.test.servers.MariaDbServer;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of connections that were cut: nobody gets one of them twice.
 */
class DeadConnectionTests {

	private static final Executor OWN_THREAD = (task) -> new Thread(task).start();

	private static final int CONNECTIONS = 4;

	static Stream<Reached> databases() {
		return Stream.of(new Reached("h2", H2Server.shared(), TestDatabase.h2Server()),
				new Reached("postgresql", PostgresServer.shared(), TestDatabase.postgres()),
				new Reached("mariadb", MariaDbServer.shared(), TestDatabase.mariaDb()),
				new Reached("mysql", MariaDbServer.shared(), TestDatabase.mySql()));
	}

	@ParameterizedTest
	@MethodSource("databases")
	void ofTheDriversOwnPoolOneCallFailsAfterACut(Reached database) throws Exception {
		try (TcpProxy way = new TcpProxy(database.server.port());
				JdbcLockDriver driver = database.through(way).driver()) {
			driver.look(key());
			way.cut();
			assertOneFailsAtMost(driver);
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void ofAPoolThatIsGivenOneCallFailsAfterACut(Reached database) throws Exception {
		assertOneFailsAtMost(database, UnaryOperator.identity());
	}

	@ParameterizedTest
	@MethodSource("databases")
	void ofAPoolThatIsWrappedOneCallFailsAfterACut(Reached database) throws Exception {
		assertOneFailsAtMost(database, (pool) -> new CountingDataSource(pool));
	}

	@ParameterizedTest
	@MethodSource("databases")
	void ofAPoolThatProvesNothingOneCallFailsAfterACut(Reached database) throws Exception {
		try (TcpProxy way = new TcpProxy(database.server.port())) {
			CarelessPool pool = new CarelessPool(database.through(way).dataSource());
			try (JdbcLockDriver driver = new JdbcLockDriver(pool, database.database.settings())) {
				fill(pool);
				way.cut();
				assertOneFailsAtMost(driver);
			}
			pool.idle.forEach(DeadConnectionTests::close);
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void underLoadEachThreadFailsOnceAtMost(Reached database) throws Exception {
		try (TcpProxy way = new TcpProxy(database.server.port());
				JdbcLockDriver driver = database.through(way).driver()) {
			AtomicBoolean done = new AtomicBoolean();
			Queue<Worker> workers = new ConcurrentLinkedQueue<>();
			List<CompletableFuture<Void>> threads = new ArrayList<>();
			for (int i = 0; i < 2 * CONNECTIONS; i++) {
				Worker worker = new Worker(driver, done);
				workers.add(worker);
				threads.add(CompletableFuture.runAsync(worker, OWN_THREAD));
			}
			try {
				workers.forEach(Worker::awaitGrants);
				way.cut();
				workers.forEach(Worker::awaitGrants);
			}
			finally {
				done.set(true);
			}
			assertThat(threads).allSatisfy((thread) -> assertThat(thread).succeedsWithin(Duration.ofMinutes(1)));
			assertThat(workers).allSatisfy((worker) -> assertThat(worker.failures).hasSizeLessThanOrEqualTo(1)
				.allSatisfy((failure) -> assertThat(failure.isRefused()).as("refused: %s", failure).isFalse()));
		}
	}

	@Test
	void whatIsSentOnAConnectionThatDiesIsUnknownWhateverTheErrorSays() throws Exception {
		Reached database = databases().toList().get(1);
		try (TcpProxy way = new TcpProxy(database.server.port())) {
			CountingDataSource dataSource = new CountingDataSource(database.through(way).dataSource());
			try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.database.settings())) {
				driver.look(key());
				dataSource.before("SELECT", way::cut);
				dataSource.failing(1, new SQLException("no such thing", "42501"));
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> driver.look(key()))
					.matches((failure) -> !failure.isRefused(), "unknown")
					.withMessageContainingAll("the connection is gone", "no such thing");
				dataSource.failing(1, new SQLException("no such thing", "42501"));
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> driver.look(key()))
					.matches(LockStoreException::isRefused, "refused on a connection that lives");
			}
		}
	}

	private static void assertOneFailsAtMost(Reached database, UnaryOperator<DataSource> wrapper) throws Exception {
		try (TcpProxy way = new TcpProxy(database.server.port()); HikariDataSource pool = new HikariDataSource()) {
			pool.setJdbcUrl(database.through(way).database().jdbcUrl());
			pool.setUsername(database.database.database().username());
			pool.setPassword(database.database.database().password());
			pool.setMaximumPoolSize(CONNECTIONS);
			try (JdbcLockDriver driver = new JdbcLockDriver(wrapper.apply(pool), database.database.settings())) {
				fill(pool);
				way.cut();
				assertOneFailsAtMost(driver);
			}
		}
	}

	private static void assertOneFailsAtMost(JdbcLockDriver driver) {
		List<LockStoreException> failures = new ArrayList<>();
		for (int i = 0; i < 5 * CONNECTIONS; i++) {
			try {
				driver.look(key());
			}
			catch (LockStoreException ex) {
				assertThat(ex.isRefused()).as("refused: %s", ex).isFalse();
				failures.add(ex);
			}
		}
		assertThat(failures).as("what fails of many calls").hasSizeLessThanOrEqualTo(1);
	}

	private static void fill(DataSource pool) throws SQLException {
		List<Connection> connections = new ArrayList<>();
		for (int i = 0; i < CONNECTIONS; i++) {
			connections.add(pool.getConnection());
		}
		connections.forEach(DeadConnectionTests::close);
	}

	private static void close(Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static LockKey key() {
		return new LockKey("jdbc", UUID.randomUUID().toString());
	}

	/**
	 * A database, and the server that it is on.
	 */
	record Reached(String name, DatabaseServer server, TestDatabase database) {

		TestDatabase through(TcpProxy way) {
			return new TestDatabase(this.name, this.database.database().through(way.port()));
		}

	}

	/**
	 * Takes a lock of its own and releases it, again and again.
	 */
	private static final class Worker implements Runnable {

		private final JdbcLockDriver driver;

		private final AtomicBoolean done;

		private final Queue<LockStoreException> failures = new ConcurrentLinkedQueue<>();

		private volatile int grants;

		Worker(JdbcLockDriver driver, AtomicBoolean done) {
			this.driver = driver;
			this.done = done;
		}

		@Override
		public void run() {
			while (!this.done.get() && this.failures.size() < 3) {
				LockAttempt attempt = new LockAttempt(key(), "holder", Duration.ofMinutes(1),
						Deadline.in(Duration.ZERO));
				try {
					assertThat(this.driver.acquire(attempt)).isNotNull();
					this.grants = this.grants + 1;
					this.driver.release(attempt.hold());
				}
				catch (LockStoreException ex) {
					this.failures.add(ex);
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			}
		}

		void awaitGrants() {
			int before = this.grants;
			await("grants").until(() -> this.grants > before + 5 || this.failures.size() > 1);
		}

	}

	/**
	 * Lends the one that has rested for longest, and drops what says itself that it is
	 * closed.
	 */
	private static final class CarelessPool extends DelegatingDataSource {

		private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();

		CarelessPool(DataSource dataSource) {
			super(dataSource);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection resting = this.idle.poll();
			Connection lent = (resting != null) ? resting : super.getConnection();
			return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
					(proxy, method, arguments) -> {
						if (method.getName().equals("close")) {
							if (!lent.isClosed()) {
								this.idle.add(lent);
							}
							return null;
						}
						try {
							return method.invoke(lent, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

	}

}
