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

	private final String catchUp;

	PostgresDialect(JdbcLockSettings settings) {
		super(settings.table(), "clock_timestamp()");
		String table = settings.table();
		this.channel = channel(table);
		// The advisory lock lets the attempts at one key in one after the other. Without
		// it, one could draw its token, pause, and insert its row after another had come
		// and gone with a higher token. It ends with the statement's transaction.
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
		String free = "held.owner = excluded.owner OR held.expires_at <= excluded.acquired_at";
		// The first attempt mostly finds the lock free, and is spared what only concerns
		// waiting: that is a quarter of the server's work for a cycle. What another holds
		// when the statement begins is left alone, for it would be locked for nothing.
		this.take = """
				WITH turn AS MATERIALIZED (
					SELECT %4$s, pg_advisory_xact_lock(hashtextextended(?, 0)) WHERE NOT EXISTS (SELECT FROM %1$s
						WHERE lock_key = ? AND owner <> ? AND expires_at > clock_timestamp())),
				attempt AS MATERIALIZED (SELECT clock_timestamp() AS now FROM turn)
				INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
				SELECT ?, ?, nextval('%2$s'), now, now + ? * interval '1 microsecond', false FROM attempt
				ON CONFLICT (lock_key) DO UPDATE SET owner = excluded.owner, token = nextval('%2$s'),
					acquired_at = excluded.acquired_at, expires_at = excluded.expires_at, revoked = 0
				WHERE %3$s
				RETURNING token
				""".formatted(table, settings.sequence(), free, durable);
		this.acquire = """
				WITH wanted (lock_key, owner, lease, waits, had_to_wait) AS (VALUES (?, ?, ?, ?, ?)),
				turn AS MATERIALIZED (SELECT %5$s, pg_advisory_xact_lock(hashtextextended(lock_key, 0)) FROM wanted),
				attempt AS MATERIALIZED (SELECT wanted.*, clock_timestamp() AS now FROM turn, wanted),
				changed AS (
					INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
					SELECT lock_key, owner, nextval('%2$s'), now, now + lease * interval '1 microsecond', had_to_wait
					FROM attempt
					ON CONFLICT (lock_key) DO UPDATE SET
						owner = CASE WHEN %4$s THEN excluded.owner ELSE held.owner END,
						token = CASE WHEN %4$s THEN nextval('%2$s') ELSE held.token END,
						acquired_at = CASE WHEN %4$s THEN excluded.acquired_at ELSE held.acquired_at END,
						expires_at = CASE WHEN %4$s THEN excluded.expires_at ELSE held.expires_at END,
						revoked = CASE WHEN %4$s THEN 0 ELSE held.revoked END,
						waiting = held.waiting OR CASE WHEN %4$s THEN excluded.waiting ELSE true END
					WHERE %4$s OR (NOT held.waiting AND (SELECT waits FROM wanted))
					RETURNING owner, token, expires_at)
				SELECT owner, token, %3$s FROM changed
				UNION ALL
				SELECT owner, token, %3$s FROM %1$s
				WHERE lock_key = (SELECT lock_key FROM wanted) AND owner <> (SELECT owner FROM wanted)
				AND NOT EXISTS (SELECT FROM changed)
				""".formatted(table, settings.sequence(), micros("clock_timestamp()", "expires_at"), free, durable);
		// What another holds when the statement begins is left alone: it would be locked
		// for nothing. The turns are taken in the order of what they are locked by, and
		// the rows in that of their keys, so that two such statements do not wait for
		// each other.
		this.acquireFree = """
				WITH wanted AS MATERIALIZED (
					SELECT lock_key, owner, lease, hashtextextended(lock_key, 0) AS lock_by
					FROM unnest(?::text[], ?::text[], ?::bigint[]) AS attempt (lock_key, owner, lease)
					WHERE NOT EXISTS (SELECT FROM %1$s AS held WHERE held.lock_key = attempt.lock_key
						AND held.owner <> attempt.owner AND held.expires_at > clock_timestamp())),
				turn AS MATERIALIZED (SELECT lock_key, owner, lease, %4$s, pg_advisory_xact_lock(lock_by)
					FROM (SELECT * FROM wanted ORDER BY lock_by) AS ordered),
				attempt AS MATERIALIZED (
					SELECT lock_key, owner, lease, clock_timestamp() AS now FROM turn ORDER BY lock_key)
				INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
				SELECT lock_key, owner, nextval('%2$s'), now, now + lease * interval '1 microsecond', false
				FROM attempt
				ON CONFLICT (lock_key) DO UPDATE SET owner = excluded.owner, token = nextval('%2$s'),
					acquired_at = excluded.acquired_at, expires_at = excluded.expires_at, revoked = 0
				WHERE %3$s
				RETURNING lock_key, token
				""".formatted(table, settings.sequence(), free, durable);
		this.peek = "SELECT " + micros("clock_timestamp()", "expires_at") + " FROM " + table
				+ " WHERE lock_key = ? AND owner <> ? AND waiting AND expires_at > clock_timestamp()";
		// Losing a release in a crash only means that the lease runs out, so it need not
		// wait for the disk. The setting ends with the statement's transaction.
		this.release = """
				WITH setting AS MATERIALIZED (SELECT %3$s, set_config('synchronous_commit', 'off', true)),
				gone AS (
					DELETE FROM %1$s USING setting WHERE lock_key = ? AND owner = ?
					RETURNING lock_key, waiting, expires_at > clock_timestamp() AS unexpired)
				SELECT unexpired, CASE WHEN waiting THEN pg_notify('%2$s', lock_key) END FROM gone
				""".formatted(table, this.channel, patience);
		// The rows are locked in the order of their keys, and then deleted.
		this.releaseAll = """
				WITH setting AS MATERIALIZED (SELECT %3$s, set_config('synchronous_commit', 'off', true)),
				hold AS (SELECT * FROM unnest(?::text[], ?::text[]) AS hold (name, holder)),
				ours AS MATERIALIZED (
					SELECT held.lock_key, held.owner FROM setting, hold JOIN %1$s AS held
						ON held.lock_key = hold.name AND held.owner = hold.holder
					ORDER BY held.lock_key FOR UPDATE OF held),
				gone AS (
					DELETE FROM %1$s AS held USING ours WHERE held.lock_key = ours.lock_key AND held.owner = ours.owner
					RETURNING held.lock_key, held.owner, held.waiting,
						held.expires_at > clock_timestamp() AS unexpired)
				SELECT lock_key, owner, unexpired, CASE WHEN waiting THEN pg_notify('%2$s', lock_key) END FROM gone
				""".formatted(table, this.channel, patience);
		this.renew = """
				WITH setting AS MATERIALIZED (SELECT %2$s)
				UPDATE %1$s SET expires_at = clock_timestamp() + ? * interval '1 microsecond'
				FROM setting, unnest(?::text[], ?::text[]) AS hold (name, holder)
				WHERE lock_key = hold.name AND owner = hold.holder AND expires_at > clock_timestamp()
				RETURNING lock_key || ' ' || owner, revoked
				""".formatted(table, patience);
		// Once for all instances that start at the same time, and not where the sequence
		// is so close that tokens drawn meanwhile could overtake the clock.
		this.catchUp = """
				WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('%1$s', 0))),
				clock AS MATERIALIZED (
					SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros FROM turn)
				SELECT setval('%1$s', micros) FROM clock WHERE (SELECT last_value FROM %1$s) < micros - 1000000
				""".formatted(settings.sequence());
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
			try (PreparedStatement statement = Statements.prepare(connection, this.take, name, name, attempt.owner(),
					name, attempt.owner(), toMicros(attempt.lease())); ResultSet rows = statement.executeQuery()) {
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
		return tokens(connection, this.acquireFree, names, owners, leases);
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
		return released(connection, this.releaseAll, holds, names(connection, holds), owners(connection, holds));
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
	void catchUp(Connection connection) throws SQLException {
		Statements.strings(connection, this.catchUp);
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
