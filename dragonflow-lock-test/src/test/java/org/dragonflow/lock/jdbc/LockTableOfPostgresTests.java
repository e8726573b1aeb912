package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * PostgreSQL has one table for the locks of all sessions, which is of a fixed size: where
 * it is full, statements of any application fail. A row that is locked is not in it, and
 * must be all that a key costs.
 */
@Timeout(180)
class LockTableOfPostgresTests {

	private static final int REQUESTS = 60;

	// The table and its index, the transaction, and the one that is waited for.
	private static final int LOCKS_OF_A_STATEMENT = 12;

	private static final String OURS = " FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE datname = current_database()";

	private final TestDatabase database = TestDatabase.postgres();

	@Test
	void requestsForManyIdsThatWaitForAForeignTransactionDoNotFillIt() throws Exception {
		List<LockAttempt> first = attempts();
		List<Hold> holds = first.stream().map(LockAttempt::hold).toList();
		try (JdbcLockDriver driver = new JdbcLockDriver(this.database.dataSource(),
				this.database.settings(Duration.ofMinutes(2)))) {
			driver.acquireFree(first);
			driver.releaseAll(holds);
			List<Long> granted = behindAForeignTransaction(
					() -> driver.acquireFree(attempts()).stream().filter(Objects::nonNull).count());
			assertThat(granted).as("of all requests' grants").containsOnlyOnce((long) Dialect.CHUNK).contains(0L);
			this.database.execute("UPDATE DRAGONFLOW_LOCK SET released_at = now()");
			driver.acquireFree(first);
			List<Set<Hold>> renewed = behindAForeignTransaction(
					() -> driver.renew(holds, Duration.ofMinutes(1)).renewed().keySet());
			assertThat(renewed).as("what each renewal has extended").allMatch((some) -> some.size() == Dialect.CHUNK);
			List<Set<Hold>> released = behindAForeignTransaction(() -> driver.releaseAll(holds));
			assertThat(released.stream().flatMap(Collection::stream)).as("what the releases have released")
				.containsExactlyInAnyOrderElementsOf(holds);
		}
	}

	/**
	 * Asks many times at once while a foreign transaction keeps one of the rows.
	 */
	private <T> List<T> behindAForeignTransaction(Callable<T> request) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(REQUESTS);
		try (Connection foreign = this.database.dataSource().getConnection()) {
			foreign.setAutoCommit(false);
			execute(foreign, "SELECT * FROM DRAGONFLOW_LOCK WHERE lock_key LIKE '%net-250' FOR UPDATE");
			List<Future<T>> answers = Stream.generate(() -> threads.submit(request)).limit(REQUESTS).toList();
			await().atMost(60, TimeUnit.SECONDS)
				.until(() -> this.database
					.number("SELECT count(DISTINCT pid)" + OURS + " AND NOT granted") == REQUESTS);
			assertThat(this.database.number("SELECT count(*)" + OURS)).as("the locks of %s statements", REQUESTS)
				.isLessThan(REQUESTS * LOCKS_OF_A_STATEMENT);
			assertThat(this.database
				.number("SELECT count(pg_advisory_xact_lock(n)) FROM generate_series(1, 4000) AS lock (n)"))
				.as("the locks that another application can have")
				.isEqualTo(4000);
			foreign.rollback();
			List<T> results = new ArrayList<>();
			for (Future<T> answer : answers) {
				results.add(answer.get(60, TimeUnit.SECONDS));
			}
			return results;
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static List<LockAttempt> attempts() {
		String owner = UUID.randomUUID().toString();
		List<LockAttempt> attempts = new ArrayList<>(IntStream.range(0, Dialect.CHUNK)
			.mapToObj((id) -> new LockAttempt(new LockKey("lock-table", "net-" + id), owner, Duration.ofMinutes(5),
					Deadline.in(Duration.ZERO)))
			.toList());
		Collections.shuffle(attempts);
		return attempts;
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
