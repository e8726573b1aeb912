package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;

/**
 * What a PostgreSQL server remembers for as long as it has forgotten no grant: a row of a
 * table that is not logged. It stays over a clean restart, and is gone after a crash of
 * the server, or of one of its processes, and on a standby that has been promoted. Where
 * it is missing, there may be grants that have not come to the disk, or to the standby.
 * Each of them is over, at the latest, one lease after it was given: so nothing new is
 * granted until the longest of these leases has passed. Renewals and releases go on.
 * <p>
 * The longest lease is kept where a crash does not take it, in a row of the lock table,
 * and raised before the first grant that needs it. It also tells "forgotten" from "never
 * used".
 */
final class PostgresMemory {

	/**
	 * A longer lease has its grant wait for the disk all the same: or one such lock would
	 * keep all the others from being granted for as long.
	 */
	static final Duration LONGEST_AHEAD = Duration.ofMinutes(5);

	// No name of a key has this character.
	private static final String LONGEST = "*";

	private static final Log logger = LogFactory.getLog(PostgresMemory.class);

	private final String recall;

	private final String raise;

	private final String remember;

	private final boolean waitForDisk;

	// What this JVM remembers, should the table itself be another one.
	private final AtomicLong longestGranted = new AtomicLong();

	private volatile Deadline told = Deadline.in(Duration.ZERO);

	PostgresMemory(JdbcLockSettings settings, String durable) {
		this.waitForDisk = settings.waitForDisk();
		this.recall = recall(settings);
		this.raise = """
				INSERT INTO %1$s AS held (lock_key, owner, token, acquired_at, expires_at, waiting)
				SELECT '%2$s', '', ?, clock_timestamp(), 'infinity', false FROM (SELECT %3$s) AS setting
				ON CONFLICT (lock_key) DO UPDATE SET token = GREATEST(held.token, excluded.token) RETURNING token
				""".formatted(settings.table(), LONGEST, durable);
		// Another instance may have begun to wait before.
		this.remember = """
				INSERT INTO %1$s AS memory (lock_table, grants_from, longest)
				VALUES (%2$s, clock_timestamp() + ? * interval '1 microsecond', ?)
				ON CONFLICT (lock_table) DO UPDATE SET longest = GREATEST(memory.longest, excluded.longest)
				RETURNING (extract(epoch FROM grants_from - clock_timestamp()) * 1000000)::bigint
				""".formatted(settings.memory(), identity(settings));
	}

	/**
	 * Whether some instance grants ahead of the disk, or has done so.
	 */
	static boolean isKept(Connection connection, JdbcLockSettings settings) throws SQLException {
		return !Statements.strings(connection, recall(settings)).isEmpty();
	}

	private static String recall(JdbcLockSettings settings) {
		return "SELECT token FROM " + settings.table() + " WHERE lock_key = '" + LONGEST + "'";
	}

	// A table that was made anew, or read from a dump, is another one.
	private static String identity(JdbcLockSettings settings) {
		return "'" + settings.table() + "'::regclass::oid";
	}

	/**
	 * The part of a statement that finds a row if the server has forgotten nothing, and
	 * may be asked for a lease whose microseconds are its parameter.
	 */
	static String sound(JdbcLockSettings settings) {
		return "SELECT 1 FROM " + settings.memory() + " WHERE lock_table = " + identity(settings)
				+ " AND grants_from <= clock_timestamp() AND longest >= ?";
	}

	/**
	 * Whether the grant of such a lease need not wait for the disk.
	 */
	boolean isAhead(Duration lease) {
		return !this.waitForDisk && lease.compareTo(LONGEST_AHEAD) <= 0;
	}

	/**
	 * How many microseconds of such a lease a crash may let the server forget.
	 */
	long forgettable(Duration lease) {
		return isAhead(lease) ? Dialect.toMicros(lease) : 0;
	}

	void granted(Duration lease) {
		this.longestGranted.accumulateAndGet(forgettable(lease), Math::max);
	}

	/**
	 * Prepares the server to grant such a lease.
	 * @throws LockStoreException if it may have forgotten grants that are not over yet
	 */
	void prepare(Connection connection, Duration lease) throws SQLException {
		List<String> before = Statements.strings(connection, this.recall);
		long forgotten = Math.max(this.longestGranted.get(), before.isEmpty() ? 0 : Long.parseLong(before.get(0)));
		// On disk before the first grant that relies on it.
		long longest = number(connection, this.raise, forgettable(lease));
		Duration pause = Duration.of(number(connection, this.remember, forgotten, longest), ChronoUnit.MICROS);
		if (pause.isNegative() || pause.isZero()) {
			return;
		}
		String reason = "The database has crashed, or another server is in its place, so it may have forgotten who has "
				+ "a lock: it grants none to anybody for another " + pause.toMillis()
				+ " ms, until the leases of these are over. What is held goes on.";
		if (this.told.hasPassed()) {
			this.told = Deadline.in(pause);
			logger.warn(reason);
		}
		throw LockStoreException.pausing(reason, pause);
	}

	private static long number(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = Statements.prepare(connection, sql, parameters);
				ResultSet rows = statement.executeQuery()) {
			rows.next();
			return rows.getLong(1);
		}
	}

}
