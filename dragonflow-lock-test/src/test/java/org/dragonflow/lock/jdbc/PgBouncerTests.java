package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.Set;

import javax.sql.DataSource;

import org.awaitility.Awaitility;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PgBouncer;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of waiters behind PgBouncer, which has to be installed.
 */
@Tag("more-servers")
class PgBouncerTests extends ListenerCases {

	@Test
	void aWaiterBehindPgBouncerInTransactionModeIsServedByPolling() throws Exception {
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
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "session");
				NotifySignals signals = new NotifySignals(
						new LockConnections(this.database.database().through(pooler.port()).dataSource(),
								this.database.settings()),
						"dragonflow_lock", Set::copyOf, Duration.ofMillis(50));
				Waiter waiter = signals.register(new Hold(KEY, "waiting"))) {
			awaitListener();
			// Everybody looks when the listening begins.
			Awaitility.await("nothing more is told").until(() -> !waiter.await(Duration.ofMillis(100).toNanos()));
			this.database.number("SELECT count(*) FROM pg_notify('dragonflow_lock', '" + KEY.name() + "') AS told");
			assertThat(waiter.await(Duration.ofSeconds(20).toNanos())).as("told of a release").isTrue();
		}
	}

}
