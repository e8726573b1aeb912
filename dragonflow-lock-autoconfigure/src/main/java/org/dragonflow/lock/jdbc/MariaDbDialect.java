package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;

/**
 * MariaDB from 10.5, the first version whose INSERT returns rows.
 */
final class MariaDbDialect extends Dialect {

	private static final String NOW = "UTC_TIMESTAMP(6)";

	private static final String ROW = "(?, ?, 0, " + NOW + ", " + NOW + " + INTERVAL ? MICROSECOND)";

	private final String insert;

	private final String orTakeOver;

	private final String release;

	private final String sequence;

	MariaDbDialect(JdbcLockSettings settings) {
		super(settings.table(), NOW);
		// The same row twice: the first one takes the place or meets who has it, and only
		// the second one draws the token, when no other can come between any more. A
		// token drawn on the way to the place could be lower than that of a hold which
		// came and went meanwhile.
		// Assignments are made from left to right, so those before the owner's still see
		// the old one.
		this.insert = "INSERT INTO " + settings.table() + " (lock_key, owner, token, acquired_at, expires_at) VALUES ";
		this.orTakeOver = """

				ON DUPLICATE KEY UPDATE
					token = IF(expires_at <= VALUES(acquired_at) OR (owner = VALUES(owner) AND token = 0),
						NEXT VALUE FOR %1$s, token),
					revoked = IF(expires_at <= VALUES(acquired_at), 0, revoked),
					acquired_at = IF(expires_at <= VALUES(acquired_at), VALUES(acquired_at), acquired_at),
					owner = IF(expires_at <= VALUES(acquired_at), VALUES(owner), owner),
					expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at)
				RETURNING owner, token, %2$s, lock_key
				""".formatted(settings.sequence(), micros(NOW, "expires_at"));
		this.release = "DELETE FROM " + settings.table() + " WHERE lock_key IN (%1$s) AND " + identity()
				+ " IN (%1$s) RETURNING lock_key, owner, expires_at > " + NOW;
		this.sequence = settings.sequence();
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		Answer answer = Answer.HELD;
		try (PreparedStatement statement = insert(connection, List.of(attempt));
				ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				answer = attempt.owner().equals(rows.getString(1)) ? Answer.granted(rows.getLong(2))
						: Answer.heldFor(rows.getLong(3));
			}
		}
		return answer;
	}

	@Override
	Map<String, Long> acquireFree(Connection connection, List<LockAttempt> attempts) throws SQLException {
		Map<String, String> owners = new HashMap<>();
		attempts.forEach((attempt) -> owners.put(attempt.key().name(), attempt.owner()));
		Map<String, Long> tokens = new HashMap<>();
		try (PreparedStatement statement = insert(connection, attempts); ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				String name = rows.getString(4);
				if (rows.getString(1).equals(owners.get(name))) {
					// Of the two rows of a key, the second one has the token.
					tokens.put(name, rows.getLong(2));
				}
			}
		}
		return tokens;
	}

	private PreparedStatement insert(Connection connection, List<LockAttempt> attempts) throws SQLException {
		List<Object> parameters = new ArrayList<>(6 * attempts.size());
		for (LockAttempt attempt : attempts) {
			List<Object> row = List.of(attempt.key().name(), attempt.owner(), toMicros(attempt.lease()));
			parameters.addAll(row);
			parameters.addAll(row);
		}
		String rows = String.join(", ", Collections.nCopies(2 * attempts.size(), ROW));
		return Statements.prepare(connection, this.insert + rows + this.orTakeOver, parameters.toArray());
	}

	@Override
	Set<Hold> releaseAll(Connection connection, List<Hold> holds) throws SQLException {
		return released(connection, this.release.formatted(Statements.marks(holds.size())), holds,
				namesAndIdentities(holds).toArray());
	}

	// A list of a thousand or more may become a subquery, for which some versions look at
	// all rows, and lock them.
	@Override
	String withLongLists(String sql) {
		return "SET STATEMENT in_predicate_conversion_threshold = 0 FOR " + sql;
	}

	@Override
	int renewedAtOnce() {
		return MySqlDialect.RENEWED_AT_ONCE;
	}

	@Override
	void catchUp(Connection connection) throws SQLException {
		// SETVAL takes literals only, and never sets a sequence back.
		for (String micros : Statements.strings(connection, "SELECT " + micros("'1970-01-01'", NOW))) {
			Statements.strings(connection, "SELECT SETVAL(" + this.sequence + ", " + micros + ")");
		}
	}

	@Override
	String micros(String from, String to) {
		return "TIMESTAMPDIFF(MICROSECOND, " + from + ", " + to + ")";
	}

	@Override
	String nowPlusMicros() {
		return NOW + " + INTERVAL ? MICROSECOND";
	}

	@Override
	boolean isCollision(SQLException ex) {
		return MySqlDialect.isInnoDbCollision(ex);
	}

}
