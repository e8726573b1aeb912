package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * MySQL from 8.0, and MariaDB from 10.5. What one statement has to say beside its count
 * of rows comes back as its "last insert id". MariaDB's INSERT can return rows besides,
 * so there many locks are one statement, but for Galera.
 */
final class InnoDbDialect extends ReservingDialect {

	private static final String NOW = "UTC_TIMESTAMP(6)";

	private static final int LOCK_WAIT_TIMEOUT = 1205;

	private static final int DEADLOCK = 1213;

	/**
	 * With two parameters for each, it stays below the 65,535 that a statement prepared
	 * by the server takes, and below what the optimizer looks up key by key.
	 */
	private static final int RENEWED_AT_ONCE = 10_000;

	private final boolean mariaDb;

	private final boolean galera;

	private final String acquire;

	private final String acquireOrEnter;

	private final String acquireFree;

	private final String releaseAll;

	/**
	 * A dialect.
	 * @param mariaDb whether the server is MariaDB
	 * @param galera whether it is one of several that all may be written to
	 */
	InnoDbDialect(JdbcLockSettings settings, boolean mariaDb, boolean galera) {
		super(settings, NOW);
		this.mariaDb = mariaDb;
		this.galera = galera;
		// Assignments are made from left to right, so those before the owner's still see
		// the old one, and those after it the new one.
		String ended = "(released_at IS NOT NULL OR expires_at <= VALUES(acquired_at))";
		String takeOver = """

				ON DUPLICATE KEY UPDATE
					owner = IF(%1$s AND (next_owner IS NULL OR next_owner = VALUES(owner) OR owner = VALUES(owner)
						OR %3$s expires_at <= %2$s OR released_at <= %2$s),
						VALUES(owner), owner),
					token = IF(owner = VALUES(owner), IF(%1$s, %%s, %%s), %%s),
					revoked = IF(owner = VALUES(owner) AND %1$s, 0, revoked),
					acquired_at = IF(owner = VALUES(owner) AND %1$s, VALUES(acquired_at), acquired_at),
					expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at),
					released_at = IF(owner = VALUES(owner), NULL, released_at),
					next_since = IF(owner = VALUES(owner), NULL, %4$s),
					next_owner = IF(owner = VALUES(owner), NULL, %5$s)
				""";
		String graceAgo = graceAgo().replace(NOW, "VALUES(acquired_at)");
		// Mostly the lock is free, and nothing of how others wait is asked for.
		String take = takeOver.formatted(ended, graceAgo, "", "next_since", "next_owner");
		String takeOrEnter = takeOver.formatted(ended, graceAgo, "next_since > VALUES(next_since) OR",
				"IF(next_owner IS NULL OR (next_owner <> VALUES(owner) AND next_since > VALUES(next_since)), VALUES(next_since), next_since)",
				"IF(next_since = VALUES(next_since), VALUES(owner), next_owner)");
		String into = "INSERT INTO " + settings.table()
				+ " (lock_key, owner, token, acquired_at, expires_at%s) VALUES ";
		String next = "GREATEST(token + 1, VALUES(token))";
		// Until when another may have it at most: the holder, or the next one.
		String remaining = "IF(released_at IS NULL AND expires_at > " + NOW + ", " + micros(NOW, "expires_at") + ", "
				+ micros(NOW, "LEAST(COALESCE(released_at, expires_at), expires_at)") + " + " + this.graceMicros + ")";
		// Twice the token if the lock was granted, and an odd number, twice what remains
		// for the other plus one, if not.
		String granted = "LAST_INSERT_ID(2 * " + next + ") DIV 2";
		String again = "LAST_INSERT_ID(2 * token) DIV 2";
		String refused = "token + 0 * LAST_INSERT_ID(2 * GREATEST(0, " + remaining + ") + 1)";
		String token = "LAST_INSERT_ID(2 * " + clock() + ") DIV 2";
		this.acquire = causal(into.formatted("") + row(token, "") + take.formatted(granted, again, refused));
		this.acquireOrEnter = causal(into.formatted(", next_since") + row(token, ", " + clock() + " - ?")
				+ takeOrEnter.formatted(granted, again, refused));
		this.acquireFree = causal(into.formatted("") + "%s" + take.formatted(next, "token", "token")
				+ "RETURNING lock_key, token, owner");
		// It inserts a row, released long ago, for a hold whose row is gone.
		this.releaseAll = causal("INSERT INTO " + settings.table()
				+ " (lock_key, owner, token, acquired_at, expires_at, released_at) VALUES %s ON DUPLICATE KEY UPDATE"
				+ " released_at = IF(owner = VALUES(owner) AND released_at IS NULL, VALUES(released_at), released_at)"
				+ " RETURNING lock_key, owner, released_at = " + NOW + " AND released_at < expires_at");
	}

	private static String row(String token, String since) {
		return "(?, ?, " + token + ", " + NOW + ", " + NOW + " + INTERVAL ? MICROSECOND" + since + ")";
	}

	@Override
	Answer take(Connection connection, LockAttempt attempt, @Nullable Long waitedMicros) throws SQLException {
		String sql = (waitedMicros != null) ? this.acquireOrEnter : this.acquire;
		try (PreparedStatement statement = connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
			statement.setString(1, attempt.key().name());
			statement.setString(2, attempt.owner());
			statement.setLong(3, toMicros(attempt.lease()));
			if (waitedMicros != null) {
				statement.setLong(4, waitedMicros);
			}
			statement.executeUpdate();
			long answer = lastInsertId(statement);
			// No id at all: a client with useAffectedRows, and nothing was affected.
			if (answer == 0) {
				return Answer.HELD;
			}
			return (answer % 2 == 0) ? Answer.granted(answer / 2) : Answer.heldFor(answer / 2);
		}
	}

	private static long lastInsertId(Statement statement) throws SQLException {
		try (ResultSet keys = statement.getGeneratedKeys()) {
			return keys.next() ? keys.getLong(1) : 0;
		}
	}

	@Override
	Map<String, Long> acquireFree(Connection connection, List<LockAttempt> attempts) throws SQLException {
		if (!returns()) {
			return super.acquireFree(connection, attempts);
		}
		List<Object> parameters = new ArrayList<>(3 * attempts.size());
		Set<String> ours = new HashSet<>();
		for (LockAttempt attempt : attempts) {
			Collections.addAll(parameters, attempt.key().name(), attempt.owner(), toMicros(attempt.lease()));
			ours.add(Identities.of(attempt.hold()));
		}
		String rows = String.join(", ", Collections.nCopies(attempts.size(), row(clock(), "")));
		return Identities.tokens(connection, this.acquireFree.formatted(rows), ours, parameters.toArray());
	}

	@Override
	Set<Hold> releaseAll(Connection connection, List<Hold> holds) throws SQLException {
		if (!returns()) {
			return super.releaseAll(connection, holds);
		}
		List<Object> parameters = new ArrayList<>(2 * holds.size());
		holds.forEach((hold) -> Collections.addAll(parameters, hold.key().name(), hold.owner()));
		String row = "(?, ?, " + clock() + ", " + NOW + ", " + NOW + ", " + NOW + ")";
		return Identities.released(connection,
				this.releaseAll.formatted(String.join(", ", Collections.nCopies(holds.size(), row))), holds,
				parameters.toArray());
	}

	// Galera may break a statement off when it is committed, and by then the rows that it
	// returns have been sent.
	private boolean returns() {
		return this.mariaDb && !this.galera;
	}

	@Override
	Renewed renew(Connection connection, Collection<Hold> holds, Duration lease) throws SQLException {
		// Whether one of them is revoked, the statement tells by an id.
		String sql = extension(holds, " AND IF(revoked = 0, 1, LAST_INSERT_ID(1))");
		try (PreparedStatement statement = connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
			Statements.bind(statement, extensionOf(holds, lease));
			if (statement.executeUpdate() == holds.size() && lastInsertId(statement) == 0) {
				return new Renewed(new HashSet<>(holds), Set.of());
			}
		}
		return find(connection, holds);
	}

	@Override
	int renewedAtOnce() {
		return RENEWED_AT_ONCE;
	}

	@Override
	String causal(String sql) {
		return (this.mariaDb && this.galera) ? "SET STATEMENT wsrep_sync_wait = 7 FOR " + sql : sql;
	}

	// A list of a thousand or more may become a subquery, for which some versions of
	// MariaDB look at all rows, and lock them.
	@Override
	String withLongLists(String sql) {
		if (!this.mariaDb) {
			return sql;
		}
		return "SET STATEMENT in_predicate_conversion_threshold = 0"
				+ (this.galera ? ", wsrep_sync_wait = 7 FOR " : " FOR ") + sql;
	}

	@Override
	int sweptAtOnce() {
		return 10_000;
	}

	@Override
	String micros(String from, String to) {
		return "TIMESTAMPDIFF(MICROSECOND, " + from + ", " + to + ")";
	}

	@Override
	String clock() {
		return micros("'1970-01-01'", NOW);
	}

	@Override
	String nowPlusMicros() {
		return NOW + " + INTERVAL ? MICROSECOND";
	}

	@Override
	boolean isCollision(SQLException ex) {
		return ex.getErrorCode() == DEADLOCK || ex.getErrorCode() == LOCK_WAIT_TIMEOUT;
	}

}
