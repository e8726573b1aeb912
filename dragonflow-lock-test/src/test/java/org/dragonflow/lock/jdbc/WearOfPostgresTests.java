package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What locks leave behind in PostgreSQL, for which each change of a row is a row more.
 */
@Timeout(120)
class WearOfPostgresTests {

	private static final String WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn";

	private static final Pattern BUFFERS = Pattern.compile("Buffers: shared (?:hit=(\\d+))?(?: ?read=(\\d+))?");

	@Test
	void aChangeTouchesNoIndexAndStaysOnItsPage() throws Exception {
		TestDatabase database = ofNobodyElse(TestDatabase.postgres());
		List<LockAttempt> many = IntStream.range(0, 200).mapToObj((id) -> attempt("net-" + id)).toList();
		try (JdbcLockDriver driver = database.driver()) {
			for (int i = 0; i < 3; i++) {
				assertThat(driver.acquireFree(many)).as("the grants of free locks").doesNotContainNull();
				driver.releaseAll(many.stream().map(LockAttempt::hold).toList());
			}
			for (int i = 0; i < 1000; i++) {
				cycle(driver, "net-" + i % 200);
			}
		}
		// Each session counts for itself, and tells when it ends.
		await().atMost(60, TimeUnit.SECONDS).until(() -> updates(database, "n_tup_upd") == 3000);
		assertThat(updates(database, "n_tup_hot_upd")).as("of 3000 updates, those that touched no index")
			.isGreaterThan(2970);
	}

	@Test
	void aCycleWritesLittleToTheLog() throws Exception {
		// No whole pages are logged there after a checkpoint, whenever that comes.
		try (PostgresServer server = PostgresServer.start()) {
			TestDatabase database = new TestDatabase("postgresql", server.newDatabase()).withTable();
			try (JdbcLockDriver driver = database.driver()) {
				cycle(driver, "net-1");
				long before = database.number(WAL);
				for (int i = 0; i < 1000; i++) {
					cycle(driver, "net-1");
				}
				assertThat((database.number(WAL) - before) / 1000).as("bytes of a cycle").isLessThanOrEqualTo(410);
			}
		}
	}

	@Test
	void aLookUpIsAsFastAfterThousandsOfCyclesOnceNoForeignSnapshotIsLeft() throws Exception {
		TestDatabase database = ofNobodyElse(TestDatabase.postgres());
		try (JdbcLockDriver driver = database.driver(); Connection foreign = database.dataSource().getConnection()) {
			for (int i = 0; i < 2000; i++) {
				cycle(driver, "net-1");
			}
			assertThat(buffers(database)).as("buffers without a foreign snapshot").isLessThanOrEqualTo(5);
			foreign.setAutoCommit(false);
			foreign.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			lines(foreign, "SELECT count(*) FROM DRAGONFLOW_LOCK");
			for (int i = 0; i < 2000; i++) {
				cycle(driver, "net-1");
			}
			// Nobody can help that, for all the rows are kept for the other: there are
			// some fifty on a page.
			assertThat(buffers(database)).as("buffers under a foreign snapshot, for 4000 rows").isBetween(20, 120);
			foreign.rollback();
			cycle(driver, "net-1");
			assertThat(buffers(database)).as("buffers when the foreign snapshot has gone").isLessThanOrEqualTo(5);
		}
	}

	/**
	 * Nor does the database's own cleaning read, and so keep old rows, at any time.
	 */
	private static TestDatabase ofNobodyElse(TestDatabase database) {
		database.execute("ALTER TABLE DRAGONFLOW_LOCK SET (autovacuum_enabled = false)");
		return database;
	}

	private static long updates(TestDatabase database, String which) {
		return database.number("SELECT " + which + " FROM pg_stat_user_tables WHERE relname = 'dragonflow_lock'");
	}

	private static int buffers(TestDatabase database) throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("SET enable_seqscan = off");
			Matcher matcher = BUFFERS.matcher(lines(connection,
					"EXPLAIN (ANALYZE, BUFFERS) SELECT token FROM DRAGONFLOW_LOCK WHERE lock_key = 'wear~net-1'"));
			assertThat(matcher.find()).as("whether the plan tells of buffers").isTrue();
			return Integer.parseInt(matcher.group(1))
					+ ((matcher.group(2) != null) ? Integer.parseInt(matcher.group(2)) : 0);
		}
	}

	private static String lines(Connection connection, String sql) throws SQLException {
		StringBuilder lines = new StringBuilder();
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			while (rows.next()) {
				lines.append(rows.getString(1)).append('\n');
			}
		}
		return lines.toString();
	}

	private static void cycle(JdbcLockDriver driver, String id) throws InterruptedException {
		LockAttempt attempt = attempt(id);
		assertThat(driver.acquire(attempt)).as("the grant of a free lock").isNotNull();
		assertThat(driver.release(attempt.hold())).as("Whether it was held").isTrue();
	}

	private static LockAttempt attempt(String id) {
		return new LockAttempt(new LockKey("wear", id), UUID.randomUUID().toString(), Duration.ofMinutes(1),
				Deadline.in(Duration.ZERO));
	}

}
