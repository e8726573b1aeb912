package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

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
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PgBouncer;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What becomes of waiters on PostgreSQL whose driver is told of nothing, because of what
 * stands between.
 */
@Timeout(120)
class DeafListenerTests {

	private static final LockKey KEY = new LockKey("deaf", "net-1");

	// All that is asserted would be over long before.
	private static final Duration LEASE = Duration.ofMinutes(10);

	private static final String LISTENERS = "pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid() "
			+ "AND datname = current_database()";

	private final TestDatabase database = TestDatabase.postgres();

	private final TcpProxy proxy = new TcpProxy(PostgresServer.shared().port());

	private final DataSource throughProxy = this.database.database().through(this.proxy.port()).dataSource();

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	private final Logger poolLogger = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");

	private final @Nullable Level poolLevel = this.poolLogger.getLevel();

	private final JdbcLockDriver holder = this.database.driver();

	private volatile String lastOwner = "";

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

	@Test
	void aWaiterWhoseListeningConnectionFellSilentIsServedSoon() throws Exception {
		LockAttempt held = attempt(Duration.ZERO);
		this.holder.acquire(held);
		try (JdbcLockDriver driver = listeningThroughProxy()) {
			CompletableFuture<@Nullable Grant> waiting = acquireLater(driver);
			silenceTheListener();
			this.holder.release(held.hold());
			assertThat(waiting.get(30, TimeUnit.SECONDS)).as("the grant of a waiter that heard of nothing").isNotNull();
			assertThat(warnings()).as("what the log says").hasSize(1);
		}
	}

	@Test
	void anInstanceWhoseListeningConnectionFellSilentGetsItsTurnAsTheOthersDo() throws Exception {
		AtomicBoolean ended = new AtomicBoolean();
		AtomicInteger[] grants = { new AtomicInteger(), new AtomicInteger(), new AtomicInteger() };
		try (JdbcLockDriver healthy = this.database.driver(); JdbcLockDriver driver = listeningThroughProxy()) {
			List<CompletableFuture<Void>> instances = List.of(contendLater(this.holder, grants[0], ended),
					contendLater(healthy, grants[1], ended), contendLater(driver, grants[2], ended));
			awaitMore(grants[2], 5);
			silenceTheListener();
			// It may have been about to get the lock, and may get it once by the bound of
			// any wait.
			awaitMore(grants[2], 5);
			int[] before = { grants[0].get(), grants[1].get(), grants[2].get() };
			awaitMore(grants[2], 100);
			ended.set(true);
			instances.forEach(CompletableFuture::join);
			for (int i = 0; i < 2; i++) {
				assertThat(grants[i].get() - before[i]).as("grants of a healthy instance, while the other had 100")
					.isLessThan(1000);
			}
		}
	}

	@Test
	void theLogSaysOnceThatSomethingCutsTheListeningConnectionAgainAndAgain() throws Exception {
		LockAttempt held = attempt(Duration.ZERO);
		this.holder.acquire(held);
		try (JdbcLockDriver driver = this.database.driver()) {
			CompletableFuture<@Nullable Grant> waiting = acquireLater(driver);
			for (int i = 0; i < 5; i++) {
				awaitListener();
				assertThat(this.database.number("SELECT count(pg_terminate_backend(pid, 10000)) FROM " + LISTENERS))
					.isOne();
			}
			awaitListener();
			this.holder.release(held.hold());
			assertThat(waiting.get(30, TimeUnit.SECONDS)).as("the grant after five cuts").isNotNull();
			assertThat(warnings()).as("what the log says of five cuts")
				.singleElement()
				.satisfies((event) -> assertThat(event.getThrowableProxy()).as("its stack trace").isNull());
		}
	}

	@Test
	void aWaiterBehindAPoolerThatDropsTheListeningIsServedByPolling() throws Exception {
		// Each statement has an answer, but the session listens to something else.
		this.proxy.rewriteRequests((request) -> request.replace("LISTEN dragonflow_lock", "LISTEN dragonflow_lo__"));
		try (JdbcLockDriver driver = listeningThroughProxy()) {
			assertServedByPolling(driver);
			Awaitility.await("it listens no more").until(this::listeners, (count) -> count == 0);
		}
	}

	@Test
	void aWaiterBehindPgBouncerInTransactionModeIsServedByPolling() throws Exception {
		assumeThat(PgBouncer.isInstalled()).as("PgBouncer is installed").isTrue();
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "transaction")) {
			Database pooled = this.database.database().through(pooler.port());
			// Whether statements may have names there is another matter.
			DataSource unnamed = new Database(pooled.jdbcUrl() + "?prepareThreshold=0", pooled.username(),
					pooled.password())
				.dataSource();
			try (JdbcLockDriver driver = JdbcLockDriver.beside(unnamed, this.database.settings(), 4)) {
				assertServedByPolling(driver);
			}
		}
	}

	@Test
	void aWaiterBehindPgBouncerInSessionModeIsTold() throws Exception {
		assumeThat(PgBouncer.isInstalled()).as("PgBouncer is installed").isTrue();
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "session");
				NotifySignals signals = new NotifySignals(
						new LockConnections(this.database.database().through(pooler.port()).dataSource(),
								this.database.settings()),
						"dragonflow_lock", Set::copyOf, Duration.ofMillis(50));
				Waiter waiter = signals.register(KEY.name())) {
			awaitListener();
			// Everybody looks when the listening begins.
			Awaitility.await("nothing more is told").until(() -> !waiter.await(Duration.ofMillis(100).toNanos()));
			this.database.number("SELECT count(*) FROM pg_notify('dragonflow_lock', '" + KEY.name() + "') AS told");
			assertThat(waiter.await(Duration.ofSeconds(20).toNanos())).as("told of a release").isTrue();
		}
	}

	private void assertServedByPolling(JdbcLockDriver driver) throws Exception {
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

	/**
	 * A driver whose thread that listens connects by way of the proxy, and nobody else.
	 */
	private JdbcLockDriver listeningThroughProxy() {
		DataSource direct = this.database.dataSource();
		return new JdbcLockDriver(new DelegatingDataSource(direct) {

			@Override
			public Connection getConnection() throws SQLException {
				boolean listener = Thread.currentThread().getName().startsWith("dragonflow-lock-listener");
				return (listener ? DeafListenerTests.this.throughProxy : direct).getConnection();
			}

		}, this.database.settings());
	}

	/**
	 * What the server sends on the connection that listens now never arrives, nor does
	 * anybody tell that. Another connection works.
	 */
	private void silenceTheListener() {
		awaitListener();
		Awaitility.await("nothing but listening goes through the proxy")
			.until(() -> this.database.number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_notify($%' "
					+ "AND pid <> pg_backend_pid() " + "AND datname = current_database()") == 0);
		this.proxy.loseReplies();
		this.proxy.heal();
	}

	private void awaitListener() {
		Awaitility.await("it listens").atMost(Duration.ofSeconds(30)).until(this::listeners, (count) -> count >= 1);
	}

	private void awaitWaiter() {
		Awaitility.await("somebody waits")
			.until(() -> this.database.number("SELECT count(*) FROM DRAGONFLOW_LOCK WHERE waiting") == 1);
	}

	private long listeners() {
		return this.database.number("SELECT count(*) FROM " + LISTENERS);
	}

	private List<ILoggingEvent> warnings() {
		return List.copyOf(this.log.list)
			.stream()
			.filter((event) -> event.getLevel().isGreaterOrEqual(Level.WARN))
			.toList();
	}

	private static void awaitMore(AtomicInteger count, int more) {
		int before = count.get();
		Awaitility.await(more + " more grants")
			.atMost(Duration.ofSeconds(60))
			.until(() -> count.get() >= before + more);
	}

	private CompletableFuture<@Nullable Grant> acquireLater(LockDriver driver) {
		LockAttempt attempt = attempt(LEASE);
		this.lastOwner = attempt.owner();
		return CompletableFuture.supplyAsync(() -> acquire(driver, attempt));
	}

	private static CompletableFuture<Void> contendLater(LockDriver driver, AtomicInteger grants, AtomicBoolean ended) {
		return CompletableFuture.runAsync(() -> {
			while (!ended.get()) {
				LockAttempt attempt = attempt(LEASE);
				acquire(driver, attempt);
				grants.incrementAndGet();
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
				driver.release(attempt.hold());
				// It lets the others come to their turn.
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
			}
		}, (task) -> new Thread(task, "contender").start());
	}

	private static @Nullable Grant acquire(LockDriver driver, LockAttempt attempt) {
		try {
			return driver.acquire(attempt);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static LockAttempt attempt(Duration wait) {
		return new LockAttempt(KEY, UUID.randomUUID().toString(), LEASE, Deadline.in(wait));
	}

}
