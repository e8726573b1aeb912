package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An attempt is held up on its way to the row, while another hold comes and goes. The
 * attempt's token must be the higher one all the same. (PostgreSQL and H2 let attempts in
 * one after the other, which no foreign transaction can take part in; the history of the
 * contract kit has to do there. For the portable way see PortableDialectTests.)
 */
@Timeout(120)
class TokenOrderTests {

	private static final LockKey KEY = new LockKey("token-order", "net-1");

	@Test
	void aTokenIsDrawnWhenTheRowIsOursOnMariaDb() throws Exception {
		verify(TestDatabase.mariaDb(), "SELECT NEXT VALUE FOR DRAGONFLOW_LOCK_SEQ",
				"SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'");
	}

	@Test
	void aTokenIsDrawnWhenTheRowIsOursOnMySql() throws Exception {
		verify(TestDatabase.mySql(), "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
				"SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'");
	}

	@Test
	void tokensGoOnAfterTheTableWasCreatedAnew() throws Exception {
		for (TestDatabase database : List.of(TestDatabase.postgres(), TestDatabase.mariaDb(), TestDatabase.mySql(),
				TestDatabase.h2Memory(), TestDatabase.hsqlDb())) {
			long before = token(database);
			database.execute("DROP TABLE DRAGONFLOW_LOCK");
			if (!List.of("mysql", "hsqldb").contains(database.platform())) {
				database.execute("DROP SEQUENCE DRAGONFLOW_LOCK_SEQ");
			}
			assertThat(token(database.withTable())).as("the token of %s, with its table created anew", database)
				.isGreaterThan(before);
		}
	}

	private static long token(TestDatabase database) throws InterruptedException {
		try (JdbcLockDriver driver = database.driver()) {
			LockAttempt attempt = new LockAttempt(KEY, "me", Duration.ofMinutes(1), Deadline.in(Duration.ZERO));
			Grant grant = driver.acquire(attempt);
			driver.release(attempt.hold());
			return (grant != null) ? grant.token() : 0;
		}
	}

	private static void verify(TestDatabase database, String nextToken, String blocked) throws Exception {
		try (JdbcLockDriver driver = database.driver(); Connection other = database.dataSource().getConnection()) {
			other.setAutoCommit(false);
			execute(other, "INSERT INTO DRAGONFLOW_LOCK (lock_key, owner, token, acquired_at, expires_at) VALUES ('"
					+ KEY.name() + "', 'other', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)");
			CompletableFuture<Grant> attempt = CompletableFuture.supplyAsync(() -> {
				try {
					return driver
						.acquire(new LockAttempt(KEY, "me", Duration.ofMinutes(1), Deadline.in(Duration.ofMinutes(1))));
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			});
			await().atMost(30, TimeUnit.SECONDS).until(() -> database.number(blocked) > 0);
			long others = number(other, nextToken);
			execute(other, "DELETE FROM DRAGONFLOW_LOCK");
			other.commit();
			assertThat(attempt.get(30, TimeUnit.SECONDS).token())
				.as("the token, as compared to that of a hold which ended before ours began")
				.isGreaterThan(others);
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static long number(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getLong(1);
		}
	}

}
