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

	private static final String NOW = "UTC_TIMESTAMP(6)";

	private static final int LOCK_WAIT_TIMEOUT = 1205;

	private static final int DEADLOCK = 1213;

	private final String acquire;

	MySqlDialect(JdbcLockSettings settings) {
		super(settings.table(), NOW);
		// Assignments are made from left to right: once the owner is settled, it tells
		// the others whether the attempt has succeeded.
		this.acquire = """
				INSERT INTO %1$s (lock_key, owner, token, acquired_at, expires_at)
				VALUES (?, ?, LAST_INSERT_ID(2 * %2$s) DIV 2, UTC_TIMESTAMP(6), %3$s)
				ON DUPLICATE KEY UPDATE
					owner = IF(expires_at <= VALUES(acquired_at), VALUES(owner), owner),
					token = IF(owner = VALUES(owner), LAST_INSERT_ID(2 * GREATEST(token + 1, VALUES(token))) DIV 2,
						token + 0 * LAST_INSERT_ID(2 * GREATEST(0, %4$s) + 1)),
					acquired_at = IF(owner = VALUES(owner), VALUES(acquired_at), acquired_at),
					expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at)
				""".formatted(settings.table(), micros("'1970-01-01'", NOW), nowPlusMicros(),
				micros(NOW, "expires_at"));
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.acquire, Statement.RETURN_GENERATED_KEYS)) {
			statement.setString(1, attempt.key().name());
			statement.setString(2, attempt.owner());
			statement.setLong(3, toMicros(attempt.lease()));
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
	boolean isCollision(SQLException ex) {
		return isInnoDbCollision(ex);
	}

	static boolean isInnoDbCollision(SQLException ex) {
		return ex.getErrorCode() == DEADLOCK || ex.getErrorCode() == LOCK_WAIT_TIMEOUT;
	}

}
