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
final class PortableDialect extends Dialect {

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

	/**
	 * A dialect for one of many databases.
	 * @param identity as this one can put a key and an owner together, one of
	 * {@link #IDENTITIES}
	 */
	PortableDialect(JdbcLockSettings settings, String identity) {
		super(settings.table(), "(SELECT micros FROM " + settings.clock() + ")");
		String table = settings.table();
		this.identity = identity;
		this.now = "(SELECT micros FROM " + settings.clock() + ")";
		this.longestNanos = settings.keepReleased().toNanos() / 2;
		this.read = "SELECT clock.micros, held.owner, held.token, held.expires_at, held.released_at FROM "
				+ settings.clock() + " clock LEFT JOIN " + table + " held ON held.lock_key = ?";
		this.insert = "INSERT INTO " + table
				+ " (lock_key, owner, token, acquired_at, expires_at) VALUES (?, ?, ?, ?, ?)";
		// The end of the lease too: the holder may have renewed just before it.
		this.take = "UPDATE " + table
				+ " SET owner = ?, token = ?, acquired_at = ?, expires_at = ?, released_at = NULL, revoked = 0"
				+ " WHERE lock_key = ? AND owner = ? AND token = ? AND expires_at = ?";
	}

	/**
	 * Sends one statement, and a second one where the lock is free.
	 */
	@Override
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		long start = System.nanoTime();
		Seen seen = read(connection, attempt.key().name());
		if (seen.owner != null && !seen.owner.equals(attempt.owner()) && seen.isHeld()) {
			return Answer.heldFor(seen.expiresAt - seen.now);
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
					rows.getObject(5) != null);
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
	 */
	private record Seen(long now, @Nullable String owner, long token, long expiresAt, boolean released) {

		boolean isHeld() {
			return this.owner != null && !this.released && this.expiresAt > this.now;
		}

	}

}
