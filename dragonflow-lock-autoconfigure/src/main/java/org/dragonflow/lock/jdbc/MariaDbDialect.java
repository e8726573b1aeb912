package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

import org.dragonflow.lock.spi.LockAttempt;

/**
 * MariaDB from 10.5, the first version whose INSERT returns rows.
 */
final class MariaDbDialect extends Dialect {

	static final String NOW = "UTC_TIMESTAMP(6)";

	private final String acquire;

	MariaDbDialect(JdbcLockSettings settings) {
		super(settings.table(), NOW);
		// Assignments are made from left to right: once the owner is settled, it tells
		// the others whether the attempt has succeeded.
		this.acquire = """
				INSERT INTO %1$s (lock_key, owner, token, acquired_at, expires_at)
				VALUES (?, ?, NEXT VALUE FOR %2$s, UTC_TIMESTAMP(6), %3$s)
				ON DUPLICATE KEY UPDATE
					owner = IF(expires_at <= VALUES(acquired_at), VALUES(owner), owner),
					token = IF(owner = VALUES(owner), NEXT VALUE FOR %2$s, token),
					acquired_at = IF(owner = VALUES(owner), VALUES(acquired_at), acquired_at),
					expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at)
				RETURNING owner, token, %4$s
				""".formatted(settings.table(), settings.sequence(), nowPlusMicros(), micros(NOW, "expires_at"));
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		try (PreparedStatement statement = prepare(connection, this.acquire, attempt.key().name(), attempt.owner(),
				toMicros(attempt.lease())); ResultSet rows = statement.executeQuery()) {
			if (!rows.next()) {
				return Answer.HELD;
			}
			return attempt.owner().equals(rows.getString(1)) ? Answer.granted(rows.getLong(2))
					: Answer.heldFor(rows.getLong(3));
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
		return MySqlDialect.isInnoDbCollision(ex);
	}

}
