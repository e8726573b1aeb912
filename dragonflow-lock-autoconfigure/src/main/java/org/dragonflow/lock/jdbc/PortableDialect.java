package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.List;
import java.util.Set;

import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * Any other database: plain statements on whole numbers. What SQL has no common word for,
 * the clock in microseconds of UTC since 1970, is a view that the schema defines.
 * <p>
 * An attempt reads the record and the clock, and where the lock is free, writes only if
 * the record still is as it was read. So the token, made from what was read, is higher
 * than any before it, for a hold which has come and gone in between has left its record.
 */
final class PortableDialect extends ReservingDialect {

	/**
	 * The first is JDBC's, whose escapes SQLite's client does not know; the second is the
	 * standard's, which SQL Server does not.
	 */
	static final List<String> IDENTITIES = List.of("{fn CONCAT({fn CONCAT(lock_key, ' ')}, owner)}",
			"(lock_key || ' ' || owner)");

	private static final Set<Integer> SQLITE_BUSY = Set.of(5, 6);

	// Half of the time for which a released record stays, so that the clocks of two
	// machines need not run at the same speed.
	private final long longestNanos;

	private final String now;

	private final String identity;

	private final String read;

	private final String insert;

	private final String take;

	private final String enter;

	/**
	 * A dialect for one of many databases.
	 * @param identity as this one can put a key and an owner together, one of
	 * {@link #IDENTITIES}
	 */
	PortableDialect(JdbcLockSettings settings, String identity) {
		super(settings, "(SELECT micros FROM " + settings.clock() + ")");
		String table = settings.table();
		this.identity = identity;
		this.now = "(SELECT micros FROM " + settings.clock() + ")";
		this.longestNanos = settings.keepReleased().toNanos() / 2;
		this.read = "SELECT clock.micros, held.owner, held.token, held.expires_at, held.released_at, "
				+ "held.next_owner, held.next_since FROM " + settings.clock() + " clock LEFT JOIN " + table
				+ " held ON held.lock_key = ?";
		this.insert = "INSERT INTO " + table
				+ " (lock_key, owner, token, acquired_at, expires_at) VALUES (?, ?, ?, ?, ?)";
		// The end of the lease too: the holder may have renewed just before it.
		this.take = "UPDATE " + table
				+ " SET owner = ?, token = ?, acquired_at = ?, expires_at = ?, released_at = NULL, revoked = 0, "
				+ "next_owner = NULL, next_since = NULL WHERE lock_key = ? AND owner = ? AND token = ? AND expires_at = ?";
		this.enter = "UPDATE " + table + " SET next_owner = ?, next_since = ? WHERE lock_key = ? AND owner = ?"
				+ " AND token = ? AND (next_owner IS NULL OR next_since > ?)";
	}

	/**
	 * Sends one statement, and a second one where the lock is free, or the attempt is to
	 * be the next one.
	 */
	@Override
	Answer take(Connection connection, LockAttempt attempt, @Nullable Long waitedMicros) throws SQLException {
		long start = System.nanoTime();
		Seen seen = read(connection, attempt.key().name());
		long since = (waitedMicros != null) ? seen.now - waitedMicros : Long.MAX_VALUE;
		boolean first = seen.nextOwner == null || since < seen.nextSince;
		if (seen.owner != null && !seen.owner.equals(attempt.owner())) {
			boolean kept = !first && !attempt.owner().equals(seen.nextOwner)
					&& seen.endedAt() + this.graceMicros > seen.now;
			if (seen.isHeld() || kept) {
				if (waitedMicros != null && first) {
					Statements.update(connection, this.enter, attempt.owner(), since, attempt.key().name(), seen.owner,
							seen.token, since);
				}
				return Answer.heldFor((seen.isHeld() ? seen.expiresAt : seen.endedAt() + this.graceMicros) - seen.now);
			}
		}
		long token = Math.max(seen.token + 1, seen.now);
		// A second look finds out who came between. It does too where this took so long
		// that the record of one who came between may be gone: what it finds is our own.
		if (!write(connection, attempt, seen, token) || System.nanoTime() - start > this.longestNanos) {
			throw new SQLTransactionRollbackException("Others keep taking " + attempt.key() + " before us", "40001");
		}
		return Answer.granted(token);
	}

	private Seen read(Connection connection, String name) throws SQLException {
		try (PreparedStatement statement = Statements.prepare(connection, this.read, name);
				ResultSet rows = statement.executeQuery()) {
			if (!rows.next()) {
				throw new SQLException("The view that tells the time is empty");
			}
			return new Seen(rows.getLong(1), rows.getString(2), rows.getLong(3), rows.getLong(4),
					(rows.getObject(5) != null) ? rows.getLong(5) : Long.MAX_VALUE, rows.getString(6), rows.getLong(7));
		}
	}

	private boolean write(Connection connection, LockAttempt attempt, Seen seen, long token) throws SQLException {
		String name = attempt.key().name();
		long expiresAt = seen.now + toMicros(attempt.lease());
		if (seen.owner != null) {
			return Statements.update(connection, this.take, attempt.owner(), token, seen.now, expiresAt, name,
					seen.owner, seen.token, seen.expiresAt) > 0;
		}
		try {
			return Statements.update(connection, this.insert, name, attempt.owner(), token, seen.now, expiresAt) > 0;
		}
		catch (SQLException ex) {
			// Not every client says in a common way that the key is there already.
			if (isCollision(ex) || read(connection, name).owner == null) {
				throw ex;
			}
			return false;
		}
	}

	@Override
	String identity() {
		return this.identity;
	}

	@Override
	String micros(String from, String to) {
		return "(" + to + " - " + from + ")";
	}

	@Override
	String clock() {
		return this.now;
	}

	@Override
	String nowPlusMicros() {
		return "? + " + this.now;
	}

	@Override
	boolean isCollision(SQLException ex) {
		// A duplicate key, or a transaction that was rolled back. SQLite's client has no
		// states; it is busy, or locked, where another one writes.
		String state = ex.getSQLState();
		return (state != null) ? state.startsWith("23") || state.startsWith("40")
				: SQLITE_BUSY.contains(ex.getErrorCode() & 0xff);
	}

	/**
	 * The clock, and the record at that time.
	 *
	 * @param owner null if there was no record
	 * @param releasedAt the latest there is if it was not
	 */
	private record Seen(long now, @Nullable String owner, long token, long expiresAt, long releasedAt,
			@Nullable String nextOwner, long nextSince) {

		boolean isHeld() {
			return this.owner != null && this.releasedAt == Long.MAX_VALUE && this.expiresAt > this.now;
		}

		long endedAt() {
			return Math.min(this.releasedAt, this.expiresAt);
		}

	}

}
