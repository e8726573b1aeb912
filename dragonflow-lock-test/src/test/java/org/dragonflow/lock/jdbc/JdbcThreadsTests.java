package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import com.zaxxer.hikari.HikariDataSource;
import org.awaitility.Awaitility;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.faults.ScarceThreads;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of waiters when the system has no more threads, and what goes along with a
 * thread that one of them has started.
 */
@Timeout(60)
class JdbcThreadsTests {

	private static final InheritableThreadLocal<String> CALLER = new InheritableThreadLocal<>();

	private static final LockKey KEY = new LockKey("threads", "net-1");

	private static final Hold WAITING = new Hold(KEY, "waiting");

	private final TestDatabase database = TestDatabase.postgres();

	private final AtomicBoolean clientWithoutThread = new AtomicBoolean();

	private final Map<String, String> callersByThread = new ConcurrentHashMap<>();

	private final DelegatingDataSource dataSource = new DelegatingDataSource(this.database.dataSource()) {

		@Override
		public Connection getConnection() throws SQLException {
			JdbcThreadsTests.this.callersByThread.put(Thread.currentThread().getName(), String.valueOf(CALLER.get()));
			if (JdbcThreadsTests.this.clientWithoutThread.getAndSet(false)) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			return super.getConnection();
		}

	};

	@AfterEach
	void forget() {
		CALLER.remove();
	}

	@Test
	void aListenerWhoseThreadCouldNotBeStartedListensAtTheNextWait() throws Exception {
		try (NotifySignals signals = signals(new ScarceThreads().without(1))) {
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> signals.register(WAITING))
				.withMessageContaining("thread")
				.satisfies((ex) -> assertThat(ex.isRefused()).as("whether asking again is of no use").isFalse());
			assertThat(signals.waiters().names()).as("what is waited for without a thread").isEmpty();
			assertTold(signals);
		}
	}

	@Test
	void aListenerWhoseClientFoundNoThreadTriesOn() throws Exception {
		try (NotifySignals signals = signals(new ScarceThreads())) {
			this.clientWithoutThread.set(true);
			assertTold(signals);
			assertThat(this.clientWithoutThread).as("whether it was without a thread still").isFalse();
		}
	}

	private NotifySignals signals(ScarceThreads threads) {
		return new NotifySignals(new LockConnections(this.dataSource, this.database.settings()), "dragonflow_lock",
				Set::copyOf, Duration.ofMillis(50), threads);
	}

	private void assertTold(NotifySignals signals) throws InterruptedException {
		try (Waiter waiter = signals.register(WAITING)) {
			Awaitility.await("it listens")
				.until(() -> this.database.number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
						+ "AND pid <> pg_backend_pid() AND datname = current_database()") == 1);
			// Everybody looks when the listening begins.
			Awaitility.await("nothing more is told").until(() -> !waiter.await(Duration.ofMillis(100).toNanos()));
			this.database.number("SELECT count(*) FROM pg_notify('dragonflow_lock', '" + KEY.name() + "') AS told");
			assertThat(waiter.await(Duration.ofSeconds(20).toNanos())).as("told of a release").isTrue();
		}
	}

	@Test
	void theListenersThreadCarriesNothingOfTheWaiterThatHasStartedIt() throws Exception {
		try (JdbcLockDriver driver = new JdbcLockDriver(this.dataSource, this.database.settings())) {
			driver.acquire(attempt(Duration.ZERO));
			CALLER.set("request 1");
			Thread request = new Thread(() -> acquire(driver, attempt(Duration.ofSeconds(30))));
			request.start();
			assertCarriesNothing("dragonflow-lock-listener");
			driver.close();
			request.join();
		}
	}

	@Test
	void thePoolsThreadsCarryNothingOfTheCallerThatHasMadeItConnect() {
		CALLER.set("request 1");
		try (HikariDataSource application = new HikariDataSource()) {
			application.setDataSource(this.dataSource);
			JdbcLockDriver.beside(application, this.database.settings(), 4).close();
		}
		assertCarriesNothing("dragonflow-lock-pool");
	}

	private void assertCarriesNothing(String thread) {
		Awaitility.await("a connection for " + thread).untilAsserted(() -> assertThat(callersOf(thread)).isNotEmpty());
		assertThat(callersOf(thread)).as("what the threads %s carry", thread).containsOnly("null");
	}

	private List<String> callersOf(String thread) {
		return this.callersByThread.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().startsWith(thread))
			.map(Map.Entry::getValue)
			.toList();
	}

	private static void acquire(JdbcLockDriver driver, LockAttempt attempt) {
		try {
			driver.acquire(attempt);
		}
		catch (InterruptedException | LockStoreException ex) {
			// It has been closed.
		}
	}

	private static LockAttempt attempt(Duration wait) {
		return new LockAttempt(KEY, UUID.randomUUID().toString(), Duration.ofMinutes(1), Deadline.in(wait));
	}

}
