package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.awaitility.Awaitility;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PgBouncer;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What becomes of waiters on PostgreSQL whose driver is told of nothing, because of what
 * stands between: a pooler.
 */
class PooledListenerTests extends ListenerCases {

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

	private void awaitWaiter() {
		Awaitility.await("somebody waits")
			.until(() -> this.database.number("SELECT count(*) FROM DRAGONFLOW_LOCK WHERE waiting") == 1);
	}

}
