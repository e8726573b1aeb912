package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.dragonflow.lock.spi.LockAttempt;

/**
 * MySQL from 8.0. It has neither sequences nor an INSERT that returns rows. So the token
 * is the clock in microseconds, or one more than the last one where that is higher; and
 * the answer comes back as the statement's "last insert id", twice the token if the lock
 * was granted, and an odd number, twice the other's remaining lease plus one, if not.
 */
final class MySqlDialect extends Dialect {

	/**
	 * With two parameters for each, it stays below the 65,535 that a statement prepared
	 * by the server takes, and below what the optimizer looks up key by key.
	 */
	static final int RENEWED_AT_ONCE = 10_000;

	private static final String NOW = "UTC_TIMESTAMP(6)";

	// SYSDATE knows no time zone but the session's, whose distance from UTC is known.
	private static final String SYSDATE = "SYSDATE(6) - INTERVAL TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW()) SECOND";

	private static final int LOCK_WAIT_TIMEOUT = 1205;

	private static final int DEADLOCK = 1213;

	private final String acquire;

	MySqlDialect(JdbcLockSettings settings) {
		super(settings.table(), NOW);
		// The same row twice, and the token set by the second one, as in MariaDB's. Its
		// clock is read when the row is ours: SYSDATE, not the statement's own time.
		String grant = "LAST_INSERT_ID(2 * GREATEST(token + 1, " + micros("'1970-01-01'", SYSDATE) + ")) DIV 2";
		this.acquire = """
				INSERT INTO %1$s (lock_key, owner, token, acquired_at, expires_at)
				VALUES (?, ?, 0, UTC_TIMESTAMP(6), %3$s), (?, ?, 0, UTC_TIMESTAMP(6), %3$s)
				ON DUPLICATE KEY UPDATE
					token = IF(expires_at <= VALUES(acquired_at) OR (owner = VALUES(owner) AND token = 0), %2$s,
						IF(owner = VALUES(owner), LAST_INSERT_ID(2 * token) DIV 2,
							token + 0 * LAST_INSERT_ID(2 * GREATEST(0, %4$s) + 1))),
					revoked = IF(expires_at <= VALUES(acquired_at), 0, revoked),
					acquired_at = IF(expires_at <= VALUES(acquired_at), VALUES(acquired_at), acquired_at),
					owner = IF(expires_at <= VALUES(acquired_at), VALUES(owner), owner),
					expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at)
				""".formatted(settings.table(), grant, nowPlusMicros(), micros(NOW, "expires_at"));
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.acquire, Statement.RETURN_GENERATED_KEYS)) {
			for (int row = 0; row < 2; row++) {
				statement.setString(3 * row + 1, attempt.key().name());
				statement.setString(3 * row + 2, attempt.owner());
				statement.setLong(3 * row + 3, toMicros(attempt.lease()));
			}
			statement.executeUpdate();
			try (ResultSet keys = statement.getGeneratedKeys()) {
				// No key at all: a client with useAffectedRows, and nothing was affected.
				if (!keys.next()) {
					return Answer.HELD;
				}
				long answer = keys.getLong(1);
				return (answer % 2 == 0) ? Answer.granted(answer / 2) : Answer.heldFor(answer / 2);
			}
		}
	}

	@Override
	String micros(String from, String to) {
		return "TIMESTAMPDIFF(MICROSECOND, " + from + ", " + to + ")";
	}

	@Override
	String nowPlusMicros() {
		return "UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND";
	}

	@Override
	int renewedAtOnce() {
		return RENEWED_AT_ONCE;
	}

	@Override
	boolean isCollision(SQLException ex) {
		return isInnoDbCollision(ex);
	}

	static boolean isInnoDbCollision(SQLException ex) {
		return ex.getErrorCode() == DEADLOCK || ex.getErrorCode() == LOCK_WAIT_TIMEOUT;
	}

}
