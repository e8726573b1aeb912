package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What is special to PostgreSQL's statements.
 */
@Timeout(120)
class PostgresDialectTests {

	private static final LockKey KEY = new LockKey("postgres", "net-1");

	private final TestDatabase database = TestDatabase.postgres();

	/**
	 * An attempt is repeated after an unknown outcome, while what the first request has
	 * got expires and goes to another. The statement's snapshot still has the old row.
	 */
	@Test
	void anAttemptIsNotGrantedByWhatItHadBeforeAnotherTookOver() throws Exception {
		try (JdbcLockDriver driver = this.database.driver();
				Connection other = this.database.dataSource().getConnection()) {
			LockAttempt attempt = attempt("me", Duration.ZERO);
			driver.acquire(attempt);
			other.setAutoCommit(false);
			execute(other, "UPDATE DRAGONFLOW_LOCK SET owner = 'other', token = token + 1");
			CompletableFuture<Optional<Grant>> repeated = acquire(driver, attempt);
			await().atMost(30, TimeUnit.SECONDS)
				.until(() -> this.database.number("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0);
			other.commit();
			assertThat(repeated.get(30, TimeUnit.SECONDS)).as("the grant while another holds the lock").isEmpty();
		}
	}

	@Test
	void aLongSchemaAndALongTableDoNotKeepAReleaseFromBeingTold() throws Exception {
		String schema = "s".repeat(40);
		String table = schema + "." + "t".repeat(40);
		this.database.execute("CREATE SCHEMA " + schema);
		this.database.execute("CREATE TABLE " + table + " (LIKE DRAGONFLOW_LOCK INCLUDING ALL)");
		JdbcLockSettings settings = new JdbcLockSettings(table, null, Duration.ofSeconds(5), Duration.ofMillis(50),
				Duration.ofMinutes(10));
		try (JdbcLockDriver driver = JdbcLockDriver.beside(this.database.dataSource(), settings, 4)) {
			LockAttempt held = attempt("holder", Duration.ZERO);
			driver.acquire(held);
			CompletableFuture<Optional<Grant>> waiting = acquire(driver, attempt("waiter", Duration.ofMinutes(1)));
			await().atMost(30, TimeUnit.SECONDS)
				.until(() -> this.database.number("SELECT count(*) FROM " + table + " WHERE waiting") > 0);
			assertThat(driver.release(held.hold())).as("Whether the hold was released").isTrue();
			assertThat(waiting.get(30, TimeUnit.SECONDS)).as("the waiter's grant").isPresent();
		}
	}

	@Test
	void aStatementThatWaitsForAForeignTransactionEndsAtTheServerToo() throws Exception {
		JdbcLockSettings settings = new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, null, Duration.ofSeconds(2),
				Duration.ofMillis(50), Duration.ofMinutes(10));
		try (JdbcLockDriver driver = JdbcLockDriver.beside(this.database.dataSource(), settings, 4);
				Connection foreign = this.database.dataSource().getConnection()) {
			LockAttempt held = attempt("holder", Duration.ZERO);
			driver.acquire(held);
			foreign.setAutoCommit(false);
			execute(foreign, "SELECT * FROM DRAGONFLOW_LOCK FOR UPDATE");
			List<ThrowingCallable> operations = List.of(() -> driver.acquire(held), () -> driver.release(held.hold()),
					() -> driver.releaseAll(List.of(held.hold())), () -> driver.acquireFree(List.of(held)),
					() -> driver.renew(List.of(held.hold()), Duration.ofMinutes(1)));
			for (ThrowingCallable operation : operations) {
				assertThatExceptionOfType(LockStoreException.class).as("What comes of a row that is locked")
					.isThrownBy(operation)
					.withMessageContaining("lock timeout");
				assertThat(this.database.number("SELECT count(*) FROM pg_locks WHERE NOT granted"))
					.as("how many statements wait at the server after their clients have given up")
					.isZero();
			}
			foreign.rollback();
			assertThat(driver.release(held.hold())).as("Whether the hold was still there").isTrue();
		}
	}

	@Test
	void aGrantAndARenewalAreOnDiskAlsoWhereTheServerWouldNotWaitForThem() throws Exception {
		this.database.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off");
		try (JdbcLockDriver driver = this.database.driver()) {
			LockAttempt attempt = attempt("holder", Duration.ZERO);
			long before = flushed();
			driver.acquire(attempt);
			long granted = flushed();
			assertThat(granted).as("what is on disk after a grant").isGreaterThan(before);
			driver.renew(List.of(attempt.hold()), Duration.ofMinutes(2));
			assertThat(flushed()).as("what is on disk after a renewal").isGreaterThan(granted);
		}
		finally {
			this.database.execute("ALTER ROLE CURRENT_USER RESET synchronous_commit");
		}
	}

	private long flushed() {
		return this.database.number("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn");
	}

	private static CompletableFuture<Optional<Grant>> acquire(JdbcLockDriver driver, LockAttempt attempt) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return Optional.ofNullable(driver.acquire(attempt));
			}
			catch (InterruptedException ex) {
				throw new CompletionException(ex);
			}
		});
	}

	private static LockAttempt attempt(String owner, Duration wait) {
		return new LockAttempt(KEY, owner, Duration.ofMinutes(1), Deadline.in(wait));
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
