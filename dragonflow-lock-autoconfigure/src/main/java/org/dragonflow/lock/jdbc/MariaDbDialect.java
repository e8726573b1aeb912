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

	private static final String NOW = "UTC_TIMESTAMP(6)";

	private final String acquire;

	private final String sequence;

	MariaDbDialect(JdbcLockSettings settings) {
		super(settings.table(), NOW);
		// The same row twice: the first one takes the place or meets who has it, and only
		// the second one draws the token, when no other can come between any more. A
		// token drawn on the way to the place could be lower than that of a hold which
		// came and went meanwhile.
		// Assignments are made from left to right, so those before the owner's still see
		// the old one.
		this.acquire = """
				INSERT INTO %1$s (lock_key, owner, token, acquired_at, expires_at)
				VALUES (?, ?, 0, UTC_TIMESTAMP(6), %3$s), (?, ?, 0, UTC_TIMESTAMP(6), %3$s)
				ON DUPLICATE KEY UPDATE
					token = IF(expires_at <= VALUES(acquired_at) OR (owner = VALUES(owner) AND token = 0),
						NEXT VALUE FOR %2$s, token),
					revoked = IF(expires_at <= VALUES(acquired_at), 0, revoked),
					acquired_at = IF(expires_at <= VALUES(acquired_at), VALUES(acquired_at), acquired_at),
					owner = IF(expires_at <= VALUES(acquired_at), VALUES(owner), owner),
					expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at)
				RETURNING owner, token, %4$s
				""".formatted(settings.table(), settings.sequence(), nowPlusMicros(), micros(NOW, "expires_at"));
		this.sequence = settings.sequence();
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		String name = attempt.key().name();
		long lease = toMicros(attempt.lease());
		Answer answer = Answer.HELD;
		try (PreparedStatement statement = prepare(connection, this.acquire, name, attempt.owner(), lease, name,
				attempt.owner(), lease); ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				answer = attempt.owner().equals(rows.getString(1)) ? Answer.granted(rows.getLong(2))
						: Answer.heldFor(rows.getLong(3));
			}
		}
		return answer;
	}

	@Override
	void catchUp(Connection connection) throws SQLException {
		// SETVAL takes literals only, and never sets a sequence back.
		for (String micros : strings(connection, "SELECT " + micros("'1970-01-01'", NOW))) {
			strings(connection, "SELECT SETVAL(" + this.sequence + ", " + micros + ")");
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
