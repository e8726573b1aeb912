package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tokens rise by the row for as long as it is there, and by the clock from one row to the
 * next. (For what comes between the two statements of the portable way see
 * PortableDialectTests.)
 */
@Timeout(120)
class TokenOrderTests {

	// Ahead of every clock for thousands of years.
	private static final long HIGH = 900_000_000_000_000_000L;

	private static final LockKey KEY = new LockKey("token-order", "net-1");

	static Stream<TestDatabase> oneStatement() {
		return JdbcLockDriverTests.databases();
	}

	static Stream<TestDatabase> all() {
		return JdbcLockDriverTests.allDatabases();
	}

	@ParameterizedTest
	@MethodSource("all")
	void aTokenIsHigherThanTheRowsLastOneThoughTheClockIsBehindIt(TestDatabase database) {
		try (JdbcLockDriver driver = database.driver()) {
			holdAndRelease(driver);
			database.execute("UPDATE DRAGONFLOW_LOCK SET token = " + HIGH);
			assertThat(holdAndRelease(driver)).as("after a release").isEqualTo(HIGH + 1);
			assertThat(token(acquire(driver, "crashed"))).as("after another").isEqualTo(HIGH + 2);
			database.expire(KEY.name());
			assertThat(holdAndRelease(driver)).as("after the end of a lease").isEqualTo(HIGH + 3);
			assertThat(driver.acquireFree(List.of(attempt("one of many")))).as("as one of many")
				.singleElement()
				.satisfies((grant) -> assertThat(token(grant)).isEqualTo(HIGH + 4));
		}
	}

	@ParameterizedTest
	@MethodSource("all")
	void tokensGoOnAfterTheTableWasMadeAnewWhileInstancesRun(TestDatabase database) {
		try (JdbcLockDriver driver = database.driver()) {
			long before = holdAndRelease(driver);
			database.execute("DROP TABLE DRAGONFLOW_LOCK");
			database.withTableAnew();
			assertThat(holdAndRelease(driver)).as("the token of " + database).isGreaterThan(before);
		}
	}

	@ParameterizedTest
	@MethodSource("oneStatement")
	void anAttemptThatComesLateToTheRowIsAheadOfAHoldThatHasComeAndGone(TestDatabase database) throws Exception {
		try (JdbcLockDriver driver = database.driver(); Connection other = database.dataSource().getConnection()) {
			other.setAutoCommit(false);
			execute(other, row(database));
			CompletableFuture<Optional<Grant>> late = attemptThatWaitsForTheRow(driver);
			execute(other, "UPDATE DRAGONFLOW_LOCK SET token = " + HIGH + ", released_at = expires_at");
			other.commit();
			assertThat(late.get()).as("the late grant")
				.hasValueSatisfying((grant) -> assertThat(grant.token()).isEqualTo(HIGH + 1));
		}
	}

	@ParameterizedTest
	@MethodSource("oneStatement")
	void anAttemptThatComesLateToAReleasedRowLeavesAHolderAloneWhoWasFaster(TestDatabase database) throws Exception {
		try (JdbcLockDriver driver = database.driver(); Connection other = database.dataSource().getConnection()) {
			holdAndRelease(driver);
			other.setAutoCommit(false);
			execute(other, "UPDATE DRAGONFLOW_LOCK SET owner = 'other', released_at = NULL");
			CompletableFuture<Optional<Grant>> late = attemptThatWaitsForTheRow(driver);
			other.commit();
			assertThat(late.get()).as("the grant of what another holds").isEmpty();
			assertThat(driver.look(KEY)).as("the other's hold").isNotNull();
		}
	}

	private static CompletableFuture<Optional<Grant>> attemptThatWaitsForTheRow(JdbcLockDriver driver) {
		CompletableFuture<Optional<Grant>> attempt = CompletableFuture
			.supplyAsync(() -> Optional.ofNullable(acquire(driver, "late")));
		await().during(Duration.ofMillis(300)).until(() -> !attempt.isDone());
		return attempt;
	}

	private static String row(TestDatabase database) {
		boolean flagged = database.platform().equals("postgresql");
		return "INSERT INTO DRAGONFLOW_LOCK (lock_key, owner, token, acquired_at, expires_at"
				+ (flagged ? ", waiting" : "") + ") VALUES ('" + KEY.name()
				+ "', 'other', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP" + (flagged ? ", false" : "") + ")";
	}

	private static long holdAndRelease(JdbcLockDriver driver) {
		String owner = UUID.randomUUID().toString();
		long token = token(acquire(driver, owner));
		assertThat(driver.release(attempt(owner).hold())).as("whether it was held").isTrue();
		return token;
	}

	private static long token(@Nullable Grant grant) {
		return (grant != null) ? grant.token() : 0;
	}

	private static @Nullable Grant acquire(JdbcLockDriver driver, String owner) {
		try {
			return driver.acquire(attempt(owner));
		}
		catch (InterruptedException ex) {
			throw new CompletionException(ex);
		}
	}

	private static LockAttempt attempt(String owner) {
		return new LockAttempt(KEY, owner, Duration.ofMinutes(1), Deadline.in(Duration.ZERO));
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
