package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.Database;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What is special to the portable way: it reads first, so what it writes may come late;
 * and released records stay for a while.
 */
class PortableDialectTests {

	private static final String DATABASES = "org.dragonflow.lock.jdbc.TestDatabase#portables";

	private static final String ROWS = "SELECT count(*) FROM DRAGONFLOW_LOCK";

	private final LockKey key = new LockKey("portable", UUID.randomUUID().toString());

	@ParameterizedTest
	@MethodSource(DATABASES)
	void aLateInsertMeetsTheRecordOfAHoldThatHasComeAndGone(TestDatabase database) {
		assertTokenIsHigherThanOfAHoldThatComesAndGoesBefore("INSERT", database);
	}

	@ParameterizedTest
	@MethodSource(DATABASES)
	void aLateUpdateMeetsTheRecordOfAHoldThatHasComeAndGone(TestDatabase database) {
		try (JdbcLockDriver driver = database.driver()) {
			holdAndRelease(driver);
		}
		assertTokenIsHigherThanOfAHoldThatComesAndGoesBefore("UPDATE", database);
	}

	@ParameterizedTest
	@MethodSource(DATABASES)
	void aLateUpdateLeavesTheHolderAloneWhoHasRenewedInTheLastMoment(TestDatabase database) {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver holder = database.driver();
				JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			LockAttempt held = attempt();
			acquire(holder, held);
			database.expire(this.key.name());
			dataSource.before("UPDATE",
					() -> database.execute("UPDATE DRAGONFLOW_LOCK SET expires_at = expires_at + 2 * 86400000000"));
			assertThat(acquire(driver, attempt())).as("The grant of what was renewed meanwhile").isZero();
			assertThat(holder.release(held.hold())).as("Whether its holder still had it").isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource(DATABASES)
	void manyOldRecordsGoAtOnce(TestDatabase database) throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				PreparedStatement insert = connection.prepareStatement("INSERT INTO DRAGONFLOW_LOCK "
						+ "(lock_key, owner, token, acquired_at, expires_at) VALUES (?, 'me', 1, 1, 1)")) {
			for (int i = 0; i < 2 * Dialect.CHUNK + 1; i++) {
				insert.setString(1, "net-" + i);
				insert.addBatch();
			}
			insert.executeBatch();
		}
		try (JdbcLockDriver driver = database.driver()) {
			await().untilAsserted(() -> assertThat(database.number(ROWS)).as("Records after a while").isZero());
		}
	}

	@Test
	void aMissingClockIsRefusedAtStart() {
		TestDatabase database = TestDatabase.derby();
		database.execute("DROP VIEW DRAGONFLOW_LOCK_CLOCK");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(database::driver)
			.matches(LockStoreException::isRefused, "refused")
			.withMessageContainingAll("DRAGONFLOW_LOCK_CLOCK", "schema-*.sql");
	}

	@ParameterizedTest
	@MethodSource(DATABASES)
	void aDatabaseThatCannotTakeALockIsRefusedAtStart(TestDatabase database) {
		database.execute("ALTER TABLE DRAGONFLOW_LOCK DROP COLUMN acquired_at");
		assertRefusedAtStart(database, "try to take a lock: ", "acquired_at");
	}

	@ParameterizedTest
	@MethodSource(DATABASES)
	void aDatabaseThatCannotRenewALockIsRefusedAtStart(TestDatabase database) {
		database.execute("ALTER TABLE DRAGONFLOW_LOCK DROP COLUMN revoked");
		assertRefusedAtStart(database, "try to renew a lock: ", "revoked");
	}

	@Test
	void aDatabaseThatCannotTakeDownWhoWaitsIsRefusedAtStart() {
		TestDatabase database = TestDatabase.hsqlDb();
		database.execute("ALTER TABLE DRAGONFLOW_LOCK ALTER COLUMN next_owner VARCHAR(3)");
		assertRefusedAtStart(database, "try to wait for a lock: ", "truncation");
	}

	@Test
	void aUserWhoMayNotRemoveRowsIsRefusedAtStart() {
		TestDatabase database = TestDatabase.hsqlDb();
		database.execute("CREATE USER keeper PASSWORD 'secret'");
		for (String granted : List.of("SELECT, INSERT, UPDATE ON DRAGONFLOW_LOCK", "SELECT ON DRAGONFLOW_LOCK_CLOCK")) {
			database.execute("GRANT " + granted + " TO keeper");
		}
		assertRefusedAtStart(
				new TestDatabase("hsqldb", new Database(database.database().jdbcUrl(), "KEEPER", "secret")),
				"try to remove a row: ", "lacks privilege");
	}

	@Test
	void aDatabaseThatSilentlyDoesNothingIsRefusedAtStart() {
		TestDatabase database = TestDatabase.portable();
		database.execute("CREATE RULE nothing AS ON UPDATE TO DRAGONFLOW_LOCK DO INSTEAD NOTHING");
		assertRefusedAtStart(database, "try to wait for a lock: ", "rule");
	}

	private static void assertRefusedAtStart(TestDatabase database, String purpose, String reason) {
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(database::driver)
			.matches(LockStoreException::isRefused, "refused")
			.satisfies((ex) -> assertThat(ex.getMessage()).contains(purpose).containsIgnoringCase(reason));
		assertThat(database.number(ROWS)).as("Records that are left of the trial").isZero();
	}

	private void assertTokenIsHigherThanOfAHoldThatComesAndGoesBefore(String verb, TestDatabase database) {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		long[] between = new long[1];
		try (JdbcLockDriver other = database.driver();
				JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			dataSource.before(verb, () -> between[0] = holdAndRelease(other));
			long token = acquire(driver, attempt());
			assertThat(between[0]).as("The token of the hold that came between").isPositive();
			assertThat(token).as("The token of the hold that came late").isGreaterThan(between[0]);
		}
	}

	private long holdAndRelease(JdbcLockDriver driver) {
		LockAttempt attempt = attempt();
		long token = acquire(driver, attempt);
		assertThat(driver.release(attempt.hold())).isTrue();
		return token;
	}

	private LockAttempt attempt() {
		return new LockAttempt(this.key, UUID.randomUUID().toString(), Duration.ofMinutes(1),
				Deadline.in(Duration.ZERO));
	}

	private static long acquire(JdbcLockDriver driver, LockAttempt attempt) {
		try {
			Grant grant = driver.acquire(attempt);
			return (grant != null) ? grant.token() : 0;
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
