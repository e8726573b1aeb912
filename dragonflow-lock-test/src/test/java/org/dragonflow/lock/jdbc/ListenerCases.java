package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.awaitility.Awaitility;
import org.dragonflow.lock.faults.TcpProxy;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A driver on PostgreSQL whose connection that listens can be disturbed, and another one.
 */
@Timeout(120)
abstract class ListenerCases {

	static final LockKey KEY = new LockKey("deaf", "net-1");

	// All that is asserted would be over long before.
	static final Duration LEASE = Duration.ofMinutes(10);

	static final String LISTENERS = "pg_stat_activity WHERE query = 'LISTEN dragonflow_lock' AND pid <> pg_backend_pid() "
			+ "AND datname = current_database()";

	final TestDatabase database = TestDatabase.postgres();

	final TcpProxy proxy = new TcpProxy(PostgresServer.shared().port());

	private final DataSource throughProxy = this.database.database().through(this.proxy.port()).dataSource();

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	private final Logger poolLogger = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");

	private final @Nullable Level poolLevel = this.poolLogger.getLevel();

	final JdbcLockDriver holder = this.database.driver();

	volatile String lastOwner = "";

	@BeforeEach
	void watchTheLog() {
		this.poolLogger.setLevel(Level.WARN);
		this.log.start();
		this.root.addAppender(this.log);
	}

	@AfterEach
	void close() {
		this.root.detachAppender(this.log);
		this.poolLogger.setLevel(this.poolLevel);
		this.holder.close();
		this.proxy.close();
	}

	/**
	 * A driver whose thread that listens connects by way of the proxy, and nobody else.
	 */
	JdbcLockDriver listeningThroughProxy() {
		DataSource direct = this.database.dataSource();
		return new JdbcLockDriver(new DelegatingDataSource(direct) {

			@Override
			public Connection getConnection() throws SQLException {
				boolean listener = Thread.currentThread().getName().startsWith("dragonflow-lock-listener");
				return (listener ? ListenerCases.this.throughProxy : direct).getConnection();
			}

		}, this.database.settings());
	}

	void awaitListener() {
		Awaitility.await("it listens").atMost(Duration.ofSeconds(30)).until(this::listeners, (count) -> count >= 1);
	}

	long listeners() {
		return this.database.number("SELECT count(*) FROM " + LISTENERS);
	}

	List<ILoggingEvent> warnings() {
		return List.copyOf(this.log.list)
			.stream()
			.filter((event) -> event.getLevel().isGreaterOrEqual(Level.WARN))
			.toList();
	}

	CompletableFuture<@Nullable Grant> acquireLater(LockDriver driver) {
		LockAttempt attempt = attempt(LEASE);
		this.lastOwner = attempt.owner();
		return CompletableFuture.supplyAsync(() -> acquire(driver, attempt));
	}

	static @Nullable Grant acquire(LockDriver driver, LockAttempt attempt) {
		try {
			return driver.acquire(attempt);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static LockAttempt attempt(Duration wait) {
		return new LockAttempt(KEY, UUID.randomUUID().toString(), LEASE, Deadline.in(wait));
	}

	/**
	 * A waiter is served before the driver knows that it hears nothing, and after.
	 */
	void assertServedByPolling(JdbcLockDriver driver) throws Exception {
		LockAttempt held = attempt(Duration.ZERO);
		this.holder.acquire(held);
		CompletableFuture<@Nullable Grant> waiting = acquireLater(driver);
		awaitWaiter();
		this.holder.release(held.hold());
		assertThat(waiting.get(30, TimeUnit.SECONDS)).as("the grant before the driver knows").isNotNull();
		LockAttempt after = attempt(Duration.ZERO);
		driver.release(new LockAttempt(KEY, this.lastOwner, LEASE, Deadline.in(null)).hold());
		this.holder.acquire(after);
		CompletableFuture<@Nullable Grant> again = acquireLater(driver);
		Awaitility.await("the driver knows").atMost(Duration.ofSeconds(30)).until(() -> !warnings().isEmpty());
		this.holder.release(after.hold());
		assertThat(again.get(30, TimeUnit.SECONDS)).as("the grant of a waiter that is told of nothing").isNotNull();
		assertThat(warnings()).as("what the log says")
			.singleElement()
			.satisfies((event) -> assertThat(event.getFormattedMessage()).contains("pooler", "@LockDataSource",
					"dragonflow.lock.jdbc.poll-interval"));
	}

	void awaitWaiter() {
		Awaitility.await("somebody waits")
			.until(() -> this.database.number("SELECT count(*) FROM DRAGONFLOW_LOCK WHERE waiting") == 1);
	}

}
