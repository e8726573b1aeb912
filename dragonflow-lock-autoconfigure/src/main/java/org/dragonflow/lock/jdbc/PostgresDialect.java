package org.dragonflow.lock.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;

/**
 * PostgreSQL. A record has a flag that says whether somebody waits for its end; only then
 * the release sends a notification, for one costs the group commit.
 */
final class PostgresDialect extends Dialect {

	private static final int MAX_CHANNEL_LENGTH = 63;

	private final String channel;

	private final String take;

	private final String acquire;

	private final String acquireFree;

	private final String peek;

	private final String release;

	private final String releaseAll;

	private final String renew;

	PostgresDialect(JdbcLockSettings settings) {
		super(settings.table(), "clock_timestamp()");
		String table = settings.table();
		this.channel = channel(table);
		// A failed attempt writes only where it has to set the flag. Its last part sees
		// the table as it was when the statement began, and so may find no row at all, or
		// one of our own from before another took it over: that one is no answer.
		// A wait for what a foreign transaction has locked ends at the server no later
		// than
		// at the client, so that no statements pile up there. And a grant is on disk
		// before it is told, also where the server is not set to do that by itself: one
		// that is forgotten in a crash would make two holders.
		String patience = "set_config('lock_timeout', '" + Math.max(1, settings.timeout().toMillis() * 9 / 10)
				+ "', true)";
		String durable = patience + ", CASE WHEN current_setting('synchronous_commit') = 'off'"
				+ " THEN set_config('synchronous_commit', 'on', true) END";
		String free = "(held.released_at IS NOT NULL OR held.owner = excluded.owner OR held.expires_at <= excluded.acquired_at)";
		// Whoever waits for a hold that has expired was told of nothing, and relies on
		// the
		// flag; whoever waited for one that was released comes back and sets it anew.
		String takeOver = """
				ON CONFLICT (lock_key) DO UPDATE SET owner = excluded.owner,
					token = GREATEST(held.token + 1, excluded.token), acquired_at = excluded.acquired_at,
					expires_at = excluded.expires_at, released_at = NULL, revoked = 0,
					waiting = held.waiting AND held.released_at IS NULL
				WHERE %s
				""".formatted(free);
		String clock = "(extract(epoch FROM now) * 1000000)::bigint";
		// The first attempt mostly finds the lock free, and is spared what only concerns
		// waiting: that is a quarter of the server's work for a cycle. What another holds
		// when the statement begins is left alone, for it would be locked for nothing.
		this.take = """
				WITH attempt AS MATERIALIZED (SELECT %3$s, clock_timestamp() AS now WHERE NOT EXISTS (SELECT FROM %1$s
						WHERE lock_key = ? AND owner <> ? AND released_at IS NULL AND expires_at > clock_timestamp()))
				INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
				SELECT ?, ?, %4$s, now, now + ? * interval '1 microsecond', false FROM attempt
				%2$s RETURNING token
				""".formatted(table, takeOver, durable, clock);
		this.acquire = """
				WITH wanted (lock_key, owner, lease, waits, had_to_wait) AS (VALUES (?, ?, ?, ?, ?)),
				attempt AS MATERIALIZED (SELECT wanted.*, %4$s, clock_timestamp() AS now FROM wanted),
				changed AS (
					INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
					SELECT lock_key, owner, %5$s, now, now + lease * interval '1 microsecond', had_to_wait
					FROM attempt
					ON CONFLICT (lock_key) DO UPDATE SET
						owner = CASE WHEN %3$s THEN excluded.owner ELSE held.owner END,
						token = CASE WHEN %3$s THEN GREATEST(held.token + 1, excluded.token) ELSE held.token END,
						acquired_at = CASE WHEN %3$s THEN excluded.acquired_at ELSE held.acquired_at END,
						expires_at = CASE WHEN %3$s THEN excluded.expires_at ELSE held.expires_at END,
						released_at = NULL,
						revoked = CASE WHEN %3$s THEN 0 ELSE held.revoked END,
						waiting = CASE WHEN %3$s
							THEN excluded.waiting OR (held.waiting AND held.released_at IS NULL) ELSE true END
					WHERE %3$s OR (NOT held.waiting AND (SELECT waits FROM wanted))
					RETURNING owner, token, expires_at)
				SELECT owner, token, %2$s FROM changed
				UNION ALL
				SELECT owner, token, %2$s FROM %1$s
				WHERE lock_key = (SELECT lock_key FROM wanted) AND owner <> (SELECT owner FROM wanted)
				AND released_at IS NULL AND NOT EXISTS (SELECT FROM changed)
				""".formatted(table, micros("clock_timestamp()", "expires_at"), free, durable, clock);
		// The rows are locked in the order of their keys, so that two such statements do
		// not wait for each other.
		this.acquireFree = """
				WITH setting AS MATERIALIZED (SELECT %3$s),
				attempt AS MATERIALIZED (
					SELECT lock_key, owner, lease, clock_timestamp() AS now
					FROM setting, unnest(?::text[], ?::text[], ?::bigint[]) AS attempt (lock_key, owner, lease)
					WHERE NOT EXISTS (SELECT FROM %1$s AS held WHERE held.lock_key = attempt.lock_key
						AND held.owner <> attempt.owner AND held.released_at IS NULL
						AND held.expires_at > clock_timestamp()))
				INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
				SELECT lock_key, owner, %4$s, now, now + lease * interval '1 microsecond', false
				FROM (SELECT * FROM attempt ORDER BY lock_key) AS ordered
				%2$s RETURNING lock_key, token, owner
				""".formatted(table, takeOver, durable, clock);
		this.peek = "SELECT " + micros("clock_timestamp()", "expires_at") + " FROM " + table
				+ " WHERE lock_key = ? AND owner <> ? AND waiting AND released_at IS NULL"
				+ " AND expires_at > clock_timestamp()";
		// Losing a release in a crash only means that the lease runs out, so it need not
		// wait for the disk. The setting ends with the statement's transaction.
		String release = "UPDATE " + table + " AS held SET released_at = clock_timestamp()";
		String told = "held.expires_at > held.released_at, CASE WHEN held.waiting THEN pg_notify('" + this.channel
				+ "', held.lock_key) END";
		this.release = """
				WITH setting AS MATERIALIZED (SELECT %3$s, set_config('synchronous_commit', 'off', true))
				%1$s FROM setting WHERE lock_key = ? AND owner = ? AND released_at IS NULL RETURNING %2$s
				""".formatted(release, told, patience);
		// The rows are locked in the order of their keys, and then released.
		this.releaseAll = """
				WITH setting AS MATERIALIZED (SELECT %3$s, set_config('synchronous_commit', 'off', true)),
				hold AS (SELECT * FROM unnest(?::text[], ?::text[]) AS hold (name, holder)),
				ours AS MATERIALIZED (
					SELECT held.lock_key, held.owner FROM setting, hold JOIN %4$s AS held
						ON held.lock_key = hold.name AND held.owner = hold.holder AND held.released_at IS NULL
					ORDER BY held.lock_key FOR UPDATE OF held)
				%1$s FROM ours WHERE held.lock_key = ours.lock_key AND held.owner = ours.owner
				RETURNING held.lock_key, held.owner, %2$s
				""".formatted(release, told, patience, table);
		this.renew = """
				WITH setting AS MATERIALIZED (SELECT %2$s)
				UPDATE %1$s SET expires_at = clock_timestamp() + ? * interval '1 microsecond'
				FROM setting, unnest(?::text[], ?::text[]) AS hold (name, holder)
				WHERE lock_key = hold.name AND owner = hold.holder AND released_at IS NULL
					AND expires_at > clock_timestamp()
				RETURNING lock_key || ' ' || owner, revoked
				""".formatted(table, patience);
	}

	// Schema and table may have the length of an identifier each; a channel is one.
	private static String channel(String table) {
		String channel = table.toLowerCase(Locale.ROOT).replace('.', '_');
		return (channel.length() <= MAX_CHANNEL_LENGTH) ? channel
				: "dragonflow_lock_" + Integer.toHexString(channel.hashCode());
	}

	/**
	 * Where a release is told, with the name of the key.
	 */
	String channel() {
		return this.channel;
	}

	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		String name = attempt.key().name();
		if (!hadToWait) {
			try (PreparedStatement statement = Statements.prepare(connection, this.take, name, attempt.owner(), name,
					attempt.owner(), toMicros(attempt.lease())); ResultSet rows = statement.executeQuery()) {
				if (rows.next()) {
					return Answer.granted(rows.getLong(1));
				}
			}
			if (attempt.waitUntil().hasPassed()) {
				return Answer.HELD;
			}
		}
		// A failed attempt still locks the row, so look first. But where the flag is not
		// set, nobody would tell us of the release: go on and set it.
		try (PreparedStatement statement = Statements.prepare(connection, this.peek, name, attempt.owner());
				ResultSet rows = statement.executeQuery()) {
			if (rows.next()) {
				return Answer.heldFor(rows.getLong(1));
			}
		}
		boolean waits = !attempt.waitUntil().hasPassed();
		try (PreparedStatement statement = Statements.prepare(connection, this.acquire, name, attempt.owner(),
				toMicros(attempt.lease()), waits, hadToWait); ResultSet rows = statement.executeQuery()) {
			if (!rows.next()) {
				return Answer.HELD;
			}
			return attempt.owner().equals(rows.getString(1)) ? Answer.granted(rows.getLong(2))
					: Answer.heldFor(rows.getLong(3));
		}
	}

	@Override
	Map<String, Long> acquireFree(Connection connection, List<LockAttempt> attempts) throws SQLException {
		Array names = connection.createArrayOf("text",
				attempts.stream().map((attempt) -> attempt.key().name()).toArray());
		Array owners = connection.createArrayOf("text", attempts.stream().map(LockAttempt::owner).toArray());
		Array leases = connection.createArrayOf("bigint",
				attempts.stream().map((attempt) -> toMicros(attempt.lease())).toArray());
		Set<String> ours = attempts.stream()
			.map((attempt) -> Identities.of(attempt.hold()))
			.collect(Collectors.toSet());
		return Identities.tokens(connection, this.acquireFree, ours, names, owners, leases);
	}

	@Override
	boolean release(Connection connection, Hold hold) throws SQLException {
		try (PreparedStatement statement = Statements.prepare(connection, this.release, hold.key().name(),
				hold.owner()); ResultSet rows = statement.executeQuery()) {
			return rows.next() && rows.getBoolean(1);
		}
	}

	// However many holds there are, they are two arrays.
	@Override
	int renewedAtOnce() {
		return Integer.MAX_VALUE;
	}

	@Override
	Set<Hold> releaseAll(Connection connection, List<Hold> holds) throws SQLException {
		return Identities.released(connection, this.releaseAll, holds, names(connection, holds),
				owners(connection, holds));
	}

	@Override
	Renewed renew(Connection connection, Collection<Hold> holds, Duration lease) throws SQLException {
		return Renewed.read(holds, connection, this.renew, toMicros(lease), names(connection, holds),
				owners(connection, holds));
	}

	private static Array names(Connection connection, Collection<Hold> holds) throws SQLException {
		return connection.createArrayOf("text", holds.stream().map((hold) -> hold.key().name()).toArray());
	}

	private static Array owners(Connection connection, Collection<Hold> holds) throws SQLException {
		return connection.createArrayOf("text", holds.stream().map(Hold::owner).toArray());
	}

	@Override
	int sweptAtOnce() {
		return 10_000;
	}

	@Override
	String micros(String from, String to) {
		return "(extract(epoch FROM " + to + " - " + from + ") * 1000000)::bigint";
	}

	@Override
	String nowPlusMicros() {
		return "clock_timestamp() + ? * interval '1 microsecond'";
	}

	@Override
	boolean isCollision(SQLException ex) {
		// Serialization failure and deadlock.
		return "40001".equals(ex.getSQLState()) || "40P01".equals(ex.getSQLState());
	}

}
