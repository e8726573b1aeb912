package org.dragonflow.lock.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * H2 from 2.2.
 */
final class H2Dialect extends ReservingDialect {

	private static final String EPOCH = "TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00'";

	// Duplicate key, deadlock, lock timeout, concurrent update.
	private static final Set<Integer> COLLISIONS = Set.of(23505, 40001, 50200, 90131);

	private final String acquire;

	private final String acquireOrEnter;

	private final String acquireFree;

	private final String releaseAll;

	private final String extend;

	private final String find;

	H2Dialect(JdbcLockSettings settings) {
		super(settings, "CURRENT_TIMESTAMP");
		String table = settings.table();
		String clock = micros(EPOCH, "wanted.now");
		String take = """
				MERGE INTO %1$s held USING (%2$s) AS wanted ON held.lock_key = wanted.lock_key
				WHEN MATCHED AND (held.owner = wanted.owner
						OR ((held.released_at IS NOT NULL OR held.expires_at <= wanted.now)
							AND (held.next_owner IS NULL OR held.next_owner = wanted.owner
								OR %5$s held.expires_at <= %4$s OR held.released_at <= %4$s))) THEN
					UPDATE SET owner = wanted.owner, token = GREATEST(held.token + 1, %3$s), acquired_at = wanted.now,
						expires_at = wanted.later, released_at = NULL, revoked = 0, next_owner = NULL, next_since = NULL
				%6$s WHEN NOT MATCHED THEN
					INSERT (lock_key, owner, token, acquired_at, expires_at)
					VALUES (wanted.lock_key, wanted.owner, %3$s, wanted.now, wanted.later)
				""";
		// The one row that comes also tells who has the lock instead. It is no UNION, for
		// H2 parses these anew each time, which takes several times as long as the rest.
		String answer = """
				SELECT CASE WHEN taken.owner = ?2 THEN taken.token END,
					CASE WHEN taken.owner IS NULL OR taken.owner <> ?2 THEN
						(SELECT CASE WHEN released_at IS NULL AND expires_at > CURRENT_TIMESTAMP THEN %3$s ELSE %4$s END
						FROM %1$s WHERE lock_key = ?1 AND owner <> ?2
							AND (released_at IS NULL OR next_owner IS NOT NULL)) END
				FROM SYSTEM_RANGE(1, 1) AS one LEFT JOIN FINAL TABLE (%2$s) AS taken ON TRUE
				""".formatted(table, "%s", micros("CURRENT_TIMESTAMP", "expires_at"),
				micros("CURRENT_TIMESTAMP", "LEAST(COALESCE(released_at, expires_at), expires_at)") + " + "
						+ this.graceMicros);
		String wanted = """
				SELECT CAST(?1 AS VARCHAR) AS lock_key, CAST(?2 AS VARCHAR) AS owner, CURRENT_TIMESTAMP AS now,
					DATEADD(MICROSECOND, CAST(?3 AS BIGINT), CURRENT_TIMESTAMP) AS later
				""";
		// Mostly the lock is free, and nothing of how others wait is asked for.
		this.acquire = answer.formatted(take.formatted(table, wanted, clock, graceAgo(), "", ""));
		this.acquireOrEnter = answer
			.formatted(take.formatted(table, wanted + ", " + clock() + " - CAST(?4 AS BIGINT) AS since", clock,
					graceAgo(), "held.next_since > wanted.since OR", """
							WHEN MATCHED AND (held.next_owner IS NULL
									OR (held.next_owner <> wanted.owner AND held.next_since > wanted.since)) THEN
								UPDATE SET next_owner = wanted.owner, next_since = wanted.since
							"""));
		this.acquireFree = "SELECT lock_key, token, owner FROM FINAL TABLE (" + take.formatted(table, """
				SELECT attempt.lock_key, attempt.owner, CURRENT_TIMESTAMP AS now,
					DATEADD(MICROSECOND, attempt.lease, CURRENT_TIMESTAMP) AS later
				FROM UNNEST(CAST(? AS VARCHAR ARRAY), CAST(? AS VARCHAR ARRAY), CAST(? AS BIGINT ARRAY))
					AS attempt (lock_key, owner, lease)
				""", clock, graceAgo(), "", "") + ")";
		this.releaseAll = "SELECT lock_key, owner, expires_at > released_at FROM FINAL TABLE (UPDATE " + table
				+ " SET released_at = CURRENT_TIMESTAMP WHERE lock_key IN (%1$s) AND " + identity()
				+ " IN (%1$s) AND released_at IS NULL)";
		// A list that is a parameter would be compared with each row, one by one. A join
		// finds a row of the table for each of the list, by its key.
		String asked = "UNNEST(CAST(?1 AS VARCHAR ARRAY), CAST(?2 AS VARCHAR ARRAY)) AS asked (lock_key, owner)";
		this.extend = """
				MERGE INTO %1$s held USING (SELECT asked.lock_key, asked.owner FROM %2$s) AS ours
				ON held.lock_key = ours.lock_key
				WHEN MATCHED AND held.owner = ours.owner AND held.released_at IS NULL
						AND held.expires_at > CURRENT_TIMESTAMP%%s THEN
					UPDATE SET expires_at = DATEADD(MICROSECOND, CAST(?3 AS BIGINT), CURRENT_TIMESTAMP)
				""".formatted(table, asked);
		this.find = "SELECT CONCAT(held.lock_key, ' ', held.owner), held.revoked FROM " + asked + " JOIN " + table
				+ " held ON held.lock_key = asked.lock_key AND held.owner = asked.owner"
				+ " WHERE held.released_at IS NULL AND held.expires_at > CURRENT_TIMESTAMP";
	}

	@Override
	Answer take(Connection connection, LockAttempt attempt, @Nullable Long waitedMicros) throws SQLException {
		List<Object> parameters = new ArrayList<>(
				List.of(attempt.key().name(), attempt.owner(), toMicros(attempt.lease())));
		if (waitedMicros != null) {
			parameters.add(waitedMicros);
		}
		String sql = (waitedMicros != null) ? this.acquireOrEnter : this.acquire;
		try (PreparedStatement statement = Statements.prepare(connection, sql, parameters.toArray());
				ResultSet rows = statement.executeQuery()) {
			rows.next();
			long token = rows.getLong(1);
			if (!rows.wasNull()) {
				return Answer.granted(token);
			}
			long remaining = rows.getLong(2);
			return rows.wasNull() ? Answer.HELD : Answer.heldFor(remaining);
		}
	}

	@Override
	Map<String, Long> acquireFree(Connection connection, List<LockAttempt> attempts) throws SQLException {
		Set<String> ours = attempts.stream()
			.map((attempt) -> Identities.of(attempt.hold()))
			.collect(Collectors.toSet());
		return Identities.tokens(connection, this.acquireFree, ours,
				array(connection, attempts, (attempt) -> attempt.key().name()),
				array(connection, attempts, LockAttempt::owner), connection.createArrayOf("BIGINT",
						attempts.stream().map((attempt) -> toMicros(attempt.lease())).toArray()));
	}

	@Override
	Set<Hold> releaseAll(Connection connection, List<Hold> holds) throws SQLException {
		return Identities.released(connection, this.releaseAll.formatted(Statements.marks(holds.size())), holds,
				Identities.parameters(holds).toArray());
	}

	// However many holds there are, they are two arrays.
	@Override
	int renewedAtOnce() {
		return Integer.MAX_VALUE;
	}

	@Override
	int extend(Connection connection, Collection<Hold> holds, Duration lease, String condition) throws SQLException {
		return Statements.update(connection, this.extend.formatted(condition),
				array(connection, holds, (hold) -> hold.key().name()), array(connection, holds, Hold::owner),
				toMicros(lease));
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
	String clock() {
		return micros(EPOCH, "CURRENT_TIMESTAMP");
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
