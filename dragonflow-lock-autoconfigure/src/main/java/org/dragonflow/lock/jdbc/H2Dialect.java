package org.dragonflow.lock.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;

/**
 * H2 from 2.2.
 */
final class H2Dialect extends Dialect {

	// Duplicate key, deadlock, lock timeout, concurrent update.
	private static final Set<Integer> COLLISIONS = Set.of(23505, 40001, 50200, 90131);

	private final String turn;

	private final String acquire;

	private final String acquireFree;

	private final String release;

	private final String extend;

	private final String find;

	H2Dialect(JdbcLockSettings settings) {
		super(settings.table(), "CURRENT_TIMESTAMP");
		this.turn = settings.table() + "_TURN";
		// The attempts are let in one after the other, by the lock on the only row of a
		// table that is there for nothing else. Without it, one could draw its token,
		// pause, and insert its row after another had come and gone with a higher token.
		// The one row that comes also tells who has the lock instead. It is no UNION,
		// for H2 parses these anew each time, which takes several times as long as the
		// rest.
		this.acquire = """
				SELECT taken.token,
					CASE WHEN taken.token IS NULL THEN (SELECT COUNT(*) FROM %3$s) END,
					CASE WHEN taken.token IS NULL THEN
						(SELECT %4$s FROM %1$s WHERE lock_key = ?1 AND owner <> ?2) END
				FROM SYSTEM_RANGE(1, 1) AS one LEFT JOIN FINAL TABLE (
					MERGE INTO %1$s held
					USING (SELECT CAST(?1 AS VARCHAR) AS lock_key, CAST(?2 AS VARCHAR) AS owner,
						CURRENT_TIMESTAMP AS now, DATEADD(MICROSECOND, CAST(?3 AS BIGINT), CURRENT_TIMESTAMP) AS later
						FROM %3$s FOR UPDATE) AS wanted
					ON held.lock_key = wanted.lock_key
					WHEN MATCHED AND (held.owner = wanted.owner OR held.expires_at <= wanted.now) THEN
						UPDATE SET owner = wanted.owner, token = NEXT VALUE FOR %2$s, acquired_at = wanted.now,
							expires_at = wanted.later, revoked = 0
					WHEN NOT MATCHED THEN
						INSERT (lock_key, owner, token, acquired_at, expires_at)
						VALUES (wanted.lock_key, wanted.owner, NEXT VALUE FOR %2$s, wanted.now, wanted.later))
				AS taken ON TRUE
				""".formatted(settings.table(), settings.sequence(), this.turn,
				micros("CURRENT_TIMESTAMP", "expires_at"));
		this.acquireFree = """
				SELECT lock_key, token FROM FINAL TABLE (
					MERGE INTO %1$s held
					USING (SELECT attempt.lock_key, attempt.owner, CURRENT_TIMESTAMP AS now,
						DATEADD(MICROSECOND, attempt.lease, CURRENT_TIMESTAMP) AS later
						FROM %3$s, UNNEST(CAST(? AS VARCHAR ARRAY), CAST(? AS VARCHAR ARRAY), CAST(? AS BIGINT ARRAY))
							AS attempt (lock_key, owner, lease) FOR UPDATE) AS wanted
					ON held.lock_key = wanted.lock_key
					WHEN MATCHED AND (held.owner = wanted.owner OR held.expires_at <= wanted.now) THEN
						UPDATE SET owner = wanted.owner, token = NEXT VALUE FOR %2$s, acquired_at = wanted.now,
							expires_at = wanted.later, revoked = 0
					WHEN NOT MATCHED THEN
						INSERT (lock_key, owner, token, acquired_at, expires_at)
						VALUES (wanted.lock_key, wanted.owner, NEXT VALUE FOR %2$s, wanted.now, wanted.later))
				""".formatted(settings.table(), settings.sequence(), this.turn);
		this.release = "SELECT lock_key, owner, expires_at > CURRENT_TIMESTAMP FROM OLD TABLE (DELETE FROM "
				+ settings.table() + " WHERE lock_key IN (%1$s) AND " + identity() + " IN (%1$s))";
		// A list that is a parameter would be compared with each row, one by one. A join
		// finds a row of the table for each of the list, by its key.
		String asked = "UNNEST(CAST(?1 AS VARCHAR ARRAY), CAST(?2 AS VARCHAR ARRAY)) AS asked (lock_key, owner)";
		this.extend = """
				MERGE INTO %1$s held USING (SELECT asked.lock_key, asked.owner FROM %2$s) AS ours
				ON held.lock_key = ours.lock_key
				WHEN MATCHED AND held.owner = ours.owner AND held.expires_at > CURRENT_TIMESTAMP AND held.revoked = ?3 THEN
					UPDATE SET expires_at = DATEADD(MICROSECOND, CAST(?4 AS BIGINT), CURRENT_TIMESTAMP)
				"""
			.formatted(settings.table(), asked);
		this.find = "SELECT CONCAT(held.lock_key, ' ', held.owner), held.revoked FROM " + asked + " JOIN "
				+ settings.table() + " held ON held.lock_key = asked.lock_key AND held.owner = asked.owner"
				+ " WHERE held.expires_at > CURRENT_TIMESTAMP";
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		try (PreparedStatement statement = Statements.prepare(connection, this.acquire, attempt.key().name(),
				attempt.owner(), toMicros(attempt.lease())); ResultSet rows = statement.executeQuery()) {
			rows.next();
			long token = rows.getLong(1);
			if (!rows.wasNull()) {
				return Answer.granted(token);
			}
			if (rows.getInt(2) == 0) {
				// Nobody would ever be let in, and everybody wait for ever.
				throw turnIsGone(attempt);
			}
			long remaining = rows.getLong(3);
			return rows.wasNull() ? Answer.HELD : Answer.heldFor(remaining);
		}
	}

	@Override
	Map<String, Long> acquireFree(Connection connection, List<LockAttempt> attempts) throws SQLException {
		Map<String, Long> tokens = tokens(connection, this.acquireFree,
				array(connection, attempts, (attempt) -> attempt.key().name()),
				array(connection, attempts, LockAttempt::owner), connection.createArrayOf("BIGINT",
						attempts.stream().map((attempt) -> toMicros(attempt.lease())).toArray()));
		if (tokens.isEmpty() && Statements.strings(connection, "SELECT id FROM " + this.turn).isEmpty()) {
			throw turnIsGone(attempts.get(0));
		}
		return tokens;
	}

	private LockStoreException turnIsGone(LockAttempt attempt) {
		return LockStoreException.refused("Could not lock " + attempt.key() + ": the table " + this.turn
				+ " has lost its row. Put it back with 'INSERT INTO " + this.turn + " VALUES (1)'.", null);
	}

	@Override
	Set<Hold> releaseAll(Connection connection, List<Hold> holds) throws SQLException {
		return released(connection, this.release.formatted(Statements.marks(holds.size())), holds,
				namesAndIdentities(holds).toArray());
	}

	// However many holds there are, they are two arrays.
	@Override
	int renewedAtOnce() {
		return Integer.MAX_VALUE;
	}

	@Override
	int extend(Connection connection, Collection<Hold> holds, Duration lease, boolean revoked) throws SQLException {
		return Statements.update(connection, this.extend, array(connection, holds, (hold) -> hold.key().name()),
				array(connection, holds, Hold::owner), revoked ? 1 : 0, toMicros(lease));
	}

	@Override
	Renewed find(Connection connection, Collection<Hold> holds) throws SQLException {
		return Renewed.read(holds, connection, this.find, array(connection, holds, (hold) -> hold.key().name()),
				array(connection, holds, Hold::owner));
	}

	private static <T> Array array(Connection connection, Collection<T> elements, Function<T, String> string)
			throws SQLException {
		return connection.createArrayOf("VARCHAR", elements.stream().map(string).toArray());
	}

	@Override
	String micros(String from, String to) {
		return "DATEDIFF(MICROSECOND, " + from + ", " + to + ")";
	}

	@Override
	String nowPlusMicros() {
		return "DATEADD(MICROSECOND, CAST(? AS BIGINT), CURRENT_TIMESTAMP)";
	}

	@Override
	boolean isCollision(SQLException ex) {
		return COLLISIONS.contains(ex.getErrorCode());
	}

}
