package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Waiters on PostgreSQL are told, and hardly ask.
 */
class PostgresWaitingTests {

	private static final Duration LONG = Duration.ofMinutes(1);

	private static final String LISTENERS = "pg_stat_activity WHERE query = 'LISTEN dragonflow_lock' AND pid <> pg_backend_pid() "
			+ "AND datname = current_database()";

	private final TestDatabase database = TestDatabase.postgres();

	private final CountingDataSource waitersSource = new CountingDataSource(this.database.dataSource());

	private final JdbcLockDriver holder = new JdbcLockDriver(this.database.dataSource(), this.database.settings());

	private final JdbcLockDriver waiter = new JdbcLockDriver(this.waitersSource, this.database.settings());

	private final LockAttempt held = attempt(new LockKey("waiting", "net-1"), Duration.ZERO);

	@AfterEach
	void close() {
		this.holder.close();
		this.waiter.close();
	}

	@Test
	void theStatementsOfAWaiterDoNotGrowWithTheTimeWaited() throws Exception {
		this.holder.acquire(this.held);
		this.waitersSource.sent();
		CompletableFuture<@Nullable Grant> waiting = startWaiting();
		Awaitility.await().until(() -> this.database.number("SELECT count(*) FROM " + LISTENERS) == 1);
		List<String> sent = new ArrayList<>();
		Awaitility.await().during(Duration.ofMillis(500)).until(() -> {
			List<String> more = new ArrayList<>(this.waitersSource.sent());
			// Until it is sure to be told, the driver asks.
			more.removeIf((sql) -> sql.startsWith("SELECT lock_key") || sql.startsWith("SELECT pg_notify"));
			sent.addAll(more);
			return more.isEmpty();
		});
		assertThat(sent).as("What a waiter sends until it waits").hasSizeLessThan(7);
		Awaitility.await().during(Duration.ofMillis(500)).until(() -> this.waitersSource.sent().isEmpty());
		Awaitility.await().during(Duration.ofSeconds(2)).until(() -> !waiting.isDone());
		assertThat(this.waitersSource.sent()).as("What a waiter sends while it waits").isEmpty();
		this.holder.release(this.held.hold());
		assertThat(waiting.get(10, TimeUnit.SECONDS)).as("The grant of the waiter that was told").isNotNull();
	}

	@Test
	void aWaiterThatLooksAgainDoesNotWrite() throws Exception {
		this.holder.acquire(this.held);
		CompletableFuture<@Nullable Grant> waiting = startWaiting();
		Awaitility.await().until(() -> this.database.number("SELECT count(*) FROM " + LISTENERS) == 1);
		Awaitility.await().during(Duration.ofMillis(500)).until(() -> this.waitersSource.sent().isEmpty());
		String row = "SELECT hashtext(xmin::text || '/' || xmax::text || '/' || ctid::text) FROM DRAGONFLOW_LOCK";
		long before = this.database.number(row);
		this.database
			.number("SELECT count(*) FROM pg_notify('dragonflow_lock', '" + this.held.key().name() + "') AS told");
		List<String> sent = new ArrayList<>();
		Awaitility.await().during(Duration.ofMillis(500)).until(() -> {
			sent.addAll(this.waitersSource.sent());
			return !sent.isEmpty();
		});
		assertThat(sent).as("What a waiter sends that was woken in vain")
			.singleElement()
			.satisfies((sql) -> assertThat(sql).startsWith("SELECT"));
		assertThat(this.database.number(row)).as("The row, with who has written or locked it").isEqualTo(before);
		assertThat(waiting).as("A waiter while the lock is held").isNotDone();
	}

	@Test
	void aReleaseDoesNotWaitForTheDisk() throws Exception {
		int rounds = 20;
		int ahead = 0;
		for (int i = 0; i < rounds; i++) {
			LockAttempt attempt = attempt(this.held.key(), Duration.ZERO);
			this.holder.acquire(attempt);
			this.holder.release(attempt.hold());
			// Where it has waited, all that was logged up to its commit is on the disk.
			ahead += (int) this.database
				.number("SELECT CAST(pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn() AS INTEGER)");
		}
		// The server's writer comes by every ten seconds.
		assertThat(ahead).as("How many of %s releases returned before they were on the disk", rounds)
			.isGreaterThan(rounds / 2);
	}

	@Test
	void aWaiterGetsTheLockWhenTheHoldersLeaseEnds() throws Exception {
		LockAttempt dying = new LockAttempt(this.held.key(), "dying", Duration.ofMillis(700), Deadline.in(null));
		this.holder.acquire(dying);
		assertThat(startWaiting().get(10, TimeUnit.SECONDS)).as("The grant after the end of a dead holder's lease")
			.isNotNull();
	}

	@Test
	void aReleaseNotifiesOnlyWhereSomebodyWaits() throws Exception {
		try (Connection connection = this.database.dataSource().getConnection()) {
			connection.createStatement().execute("LISTEN dragonflow_lock");
			this.holder.acquire(this.held);
			this.waiter.acquire(attempt(this.held.key(), Duration.ZERO));
			this.holder.release(this.held.hold());
			assertThat(told(connection, 300)).as("What is told where nobody has waited").isEmpty();
			this.holder.acquire(this.held);
			CompletableFuture<@Nullable Grant> waiting = startWaiting();
			Awaitility.await()
				.until(() -> this.database.number("SELECT count(*) FROM DRAGONFLOW_LOCK WHERE waiting") == 1);
			this.holder.release(this.held.hold());
			assertThat(told(connection, 10_000)).as("What is told where somebody waits")
				.containsExactly(this.held.key().name());
			assertThat(waiting.get(10, TimeUnit.SECONDS)).isNotNull();
		}
	}

	@Test
	void nobodyListensBeforeSomebodyWaits() throws Exception {
		this.waiter.acquire(this.held);
		assertThat(this.database.number("SELECT count(*) FROM " + LISTENERS)).as("Connections that listen").isZero();
	}

	@Test
	void aWaiterIsServedAfterItsListeningConnectionWasLost() throws Exception {
		this.holder.acquire(this.held);
		CompletableFuture<@Nullable Grant> waiting = startWaiting();
		Awaitility.await().until(() -> this.database.number("SELECT count(*) FROM " + LISTENERS) == 1);
		this.database.number("SELECT count(pg_terminate_backend(pid)) FROM " + LISTENERS);
		this.holder.release(this.held.hold());
		assertThat(waiting.get(20, TimeUnit.SECONDS)).as("The grant of a waiter whose connection was lost").isNotNull();
	}

	@Test
	void aWaiterLooksFromTimeToTimeThoughItIsToldOfNothing() throws Exception {
		this.holder.acquire(this.held);
		CompletableFuture<@Nullable Grant> waiting = startWaiting();
		Awaitility.await().until(() -> this.database.number("SELECT count(*) FROM " + LISTENERS) == 1);
		Awaitility.await().during(Duration.ofMillis(500)).until(() -> this.waitersSource.sent().isEmpty());
		this.database.expire(this.held.key().name());
		assertThat(waiting.get(40, TimeUnit.SECONDS)).as("The grant, long before it expects the lease to end")
			.isNotNull();
	}

	@Test
	void closingTheDriverEndsItsConnections() throws Exception {
		this.holder.acquire(this.held);
		CompletableFuture<@Nullable Grant> waiting = startWaiting();
		Awaitility.await().until(() -> this.database.number("SELECT count(*) FROM " + LISTENERS) == 1);
		this.waiter.close();
		assertThat(waiting).as("A waiter of a closed driver").failsWithin(Duration.ofSeconds(10));
		Awaitility.await().until(() -> this.database.number("SELECT count(*) FROM " + LISTENERS) == 0);
	}

	private CompletableFuture<@Nullable Grant> startWaiting() {
		LockDriver driver = this.waiter;
		LockAttempt attempt = attempt(this.held.key(), LONG);
		return CompletableFuture.supplyAsync(() -> {
			try {
				return driver.acquire(attempt);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private static LockAttempt attempt(LockKey key, Duration wait) {
		return new LockAttempt(key, UUID.randomUUID().toString(), LONG, Deadline.in(wait));
	}

	private static List<String> told(Connection connection, int millis) throws SQLException {
		List<String> names = new ArrayList<>();
		PGNotification[] notifications = connection.unwrap(PGConnection.class).getNotifications(millis);
		if (notifications != null) {
			for (PGNotification notification : notifications) {
				names.add(notification.getParameter());
			}
		}
		return names;
	}

}
