package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;

import com.zaxxer.hikari.HikariDataSource;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A session of PostgreSQL that turns out to be somebody else's too, as behind a pooler
 * that hides it. (For one that does not see PgBouncerTests.)
 */
class ForeignSessionTests {

	private static final LockKey KEY = new LockKey("foreign", "net-1");

	private static final Duration LEASE = Duration.ofMinutes(1);

	// More than enough for the client to give names to statements.
	private static final int OFTEN = 10;

	private final TestDatabase database = TestDatabase.postgres();

	private final HikariDataSource pool = new HikariDataSource();

	ForeignSessionTests() {
		this.pool.setDataSource(this.database.dataSource());
		this.pool.setMaximumPoolSize(1);
	}

	@AfterEach
	void close() {
		this.pool.close();
	}

	@Test
	void whatAStatementHasComeToThereIsUnknownAndNoOtherHasAName() throws Exception {
		try (JdbcLockDriver driver = new JdbcLockDriver(this.pool, this.database.settings())) {
			cycle(driver, OFTEN);
			assertThat(names()).as("names before").isPositive();
			// At the server, so that the client does not know.
			execute("""
					DO $$ DECLARE name text; BEGIN
						FOR name IN SELECT s.name FROM pg_prepared_statements s LOOP
							EXECUTE format('DEALLOCATE %I', name);
							EXECUTE format('PREPARE %I AS SELECT 1', name);
						END LOOP;
					END $$""");
			assertFindsOut(driver);
		}
	}

	@Test
	void namesThatAreTakenAreFoundOutByTheFirstStatementThatWouldHaveOne() throws Exception {
		try (JdbcLockDriver driver = new JdbcLockDriver(this.pool, this.database.settings())) {
			execute("DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('PREPARE %I AS SELECT 1', 'S_' || i);"
					+ " END LOOP; END $$");
			assertFindsOut(driver);
		}
	}

	@Test
	void aConnectionThatIsReturnedGivesNamesAsBefore() throws Exception {
		LockConnections connections = new LockConnections(this.pool, this.database.settings());
		connections.sessionsAreForeign();
		assertThat(threshold(connections)).as("while it is used").isZero();
		try (Connection connection = this.pool.getConnection()) {
			assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold()).as("for others").isEqualTo(5);
		}
	}

	private void assertFindsOut(JdbcLockDriver driver) throws Exception {
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> cycle(driver, OFTEN))
			.matches((failure) -> !failure.isRefused(), "unknown")
			.withMessageContainingAll("pooler", "prepareThreshold=0");
		cycle(driver, OFTEN);
		assertThat(names()).as("names after").isZero();
	}

	private static int threshold(LockConnections connections) {
		return connections.call("find out whether statements have names", (ex) -> false,
				(connection) -> connection.unwrap(PGConnection.class).getPrepareThreshold());
	}

	private static void cycle(JdbcLockDriver driver, int times) throws InterruptedException {
		for (int i = 0; i < times; i++) {
			LockAttempt attempt = new LockAttempt(KEY, UUID.randomUUID().toString(), LEASE, Deadline.in(Duration.ZERO));
			try {
				assertThat(driver.acquire(attempt)).as("grant").isNotNull();
				assertThat(driver.release(attempt.hold())).as("released").isTrue();
			}
			catch (LockStoreException ex) {
				// As the engine does where nobody knows.
				driver.release(attempt.hold());
				throw ex;
			}
		}
	}

	private long names() throws SQLException {
		try (Connection connection = this.pool.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT count(*) FROM pg_prepared_statements")) {
			rows.next();
			return rows.getLong(1);
		}
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.pool.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
