package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * How one database is asked. Each method sends one statement, in autocommit, except where
 * it says otherwise. The clock is always the database's, read by the statement.
 * <p>
 * The row of a key outlives its holds: a release only marks it, and the next grant takes
 * it over. A grant's token is the clock in microseconds, or one more than the row's last
 * one where that is higher. So tokens rise for as long as the row is there by themselves,
 * and from one row to the next by the clock.
 */
abstract class Dialect {

	/**
	 * How many keys one statement names at most.
	 */
	static final int CHUNK = 500;

	private final String table;

	private final String now;

	/**
	 * An SQL condition that an unexpired record meets.
	 */
	final String held;

	Dialect(String table, String now) {
		this.table = table;
		this.now = now;
		this.held = "released_at IS NULL AND expires_at > " + now;
	}

	/**
	 * Takes a free or expired lock, or one that the owner has already.
	 * @param hadToWait whether the attempt has failed before, so that others may wait too
	 */
	abstract Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException;

	/**
	 * The same for an attempt that goes on to wait, if it may still.
	 * @param waited for how long it has waited
	 */
	Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait, Duration waited) throws SQLException {
		return acquire(connection, attempt, hadToWait);
	}

	/**
	 * The columns without which a table is one of an earlier version.
	 */
	List<String> columns() {
		return List.of("released_at");
	}

	/**
	 * Takes those of several locks that are free, of which there are {@value #CHUNK} at
	 * most. Sends one statement for each, unless the dialect knows better.
	 * @param attempts for different keys; the order in which rows are locked must not
	 * depend on theirs
	 * @return the tokens of the locks that are granted, by the names of their keys
	 */
	Map<String, Long> acquireFree(Connection connection, List<LockAttempt> attempts) throws SQLException {
		Map<String, Long> tokens = new HashMap<>();
		for (LockAttempt attempt : attempts) {
			Long token = acquire(connection, attempt.withoutWait(), false).token();
			if (token != null) {
				tokens.put(attempt.key().name(), token);
			}
		}
		return tokens;
	}

	/**
	 * An SQL expression for the microseconds from one moment to a later one.
	 */
	abstract String micros(String from, String to);

	/**
	 * An SQL expression for the moment that is a parameter's microseconds from now.
	 */
	abstract String nowPlusMicros();

	/**
	 * An SQL expression for the key and the owner of a record, with a blank between.
	 */
	String identity() {
		return "CONCAT(lock_key, ' ', owner)";
	}

	/**
	 * Whether the database broke off a statement only because of another one at the same
	 * time. The statement had no effect then, and can be sent again at once.
	 */
	abstract boolean isCollision(SQLException ex);

	/**
	 * Releases. Sends a second statement only where the first has found nothing.
	 */
	boolean release(Connection connection, Hold hold) throws SQLException {
		String release = causal("UPDATE " + this.table + " SET released_at = " + this.now
				+ " WHERE lock_key = ? AND owner = ? AND released_at IS NULL");
		if (Statements.update(connection, release + " AND expires_at > " + this.now, hold.key().name(),
				hold.owner()) > 0) {
			return true;
		}
		// The record may be ours still, but expired.
		Statements.update(connection, release, hold.key().name(), hold.owner());
		return false;
	}

	/**
	 * Releases several holds, of which there are {@value #CHUNK} at most. Sends one
	 * statement for each, unless the dialect knows better.
	 * @return the holds that were there and unexpired
	 */
	Set<Hold> releaseAll(Connection connection, List<Hold> holds) throws SQLException {
		Set<Hold> released = new HashSet<>();
		for (Hold hold : holds) {
			if (release(connection, hold)) {
				released.add(hold);
			}
		}
		return released;
	}

	/**
	 * How many holds one {@link #renew} takes at most. Each costs two parameters here,
	 * and some databases have a limit of about two thousand for these.
	 */
	int renewedAtOnce() {
		return CHUNK;
	}

	/**
	 * Extends holds, of which there are {@link #renewedAtOnce()} at most. Sends more than
	 * one statement only where some are lost or revoked.
	 */
	Renewed renew(Connection connection, Collection<Hold> holds, Duration lease) throws SQLException {
		if (extend(connection, holds, lease, " AND revoked = 0") == holds.size()) {
			return new Renewed(new HashSet<>(holds), Set.of());
		}
		Renewed found = find(connection, holds);
		if (!found.revoked().isEmpty() && extend(connection, found.revoked(), lease, "") < found.revoked().size()) {
			found = find(connection, holds);
		}
		// A hold that is there now was there before too, so it has been renewed.
		return found;
	}

	/**
	 * Extends those of some holds that are there and unexpired.
	 * @param condition what else must hold for them; empty for nothing
	 * @return how many
	 */
	int extend(Connection connection, Collection<Hold> holds, Duration lease, String condition) throws SQLException {
		return Statements.update(connection, extension(holds, condition), extensionOf(holds, lease));
	}

	String extension(Collection<Hold> holds, String condition) {
		return withLongLists("UPDATE " + this.table + " SET expires_at = " + nowPlusMicros() + among(holds) + " AND "
				+ this.held + condition);
	}

	static Object[] extensionOf(Collection<Hold> holds, Duration lease) {
		List<Object> parameters = Identities.parameters(holds);
		parameters.add(0, toMicros(lease));
		return parameters.toArray();
	}

	/**
	 * Finds those of some holds that are there and unexpired.
	 */
	Renewed find(Connection connection, Collection<Hold> holds) throws SQLException {
		return Renewed.read(holds, connection,
				withLongLists(
						"SELECT " + identity() + ", revoked FROM " + this.table + among(holds) + " AND " + this.held),
				Identities.parameters(holds).toArray());
	}

	/**
	 * A statement that sees what others have committed before, on whichever server.
	 */
	String causal(String sql) {
		return sql;
	}

	/**
	 * A {@link #causal} statement that finds its rows one by one, however many are
	 * listed.
	 */
	String withLongLists(String sql) {
		return sql;
	}

	private String among(Collection<Hold> holds) {
		return " WHERE lock_key IN (" + Statements.marks(holds.size()) + ") AND " + identity() + " IN ("
				+ Statements.marks(holds.size()) + ")";
	}

	/**
	 * Marks a record as one whose release is asked for.
	 */
	boolean requestRevocation(Connection connection, Hold hold) throws SQLException {
		String ours = " WHERE lock_key = ? AND owner = ? AND " + this.held;
		String sql = causal("UPDATE " + this.table + " SET revoked = 1" + ours);
		// Some clients count only what has changed, and it may have been marked before.
		return Statements.update(connection, sql, hold.key().name(), hold.owner()) > 0 || !Statements
			.strings(connection, causal("SELECT owner FROM " + this.table + ours + " AND revoked = 1"),
					hold.key().name(), hold.owner())
			.isEmpty();
	}

	/**
	 * Reads an unexpired record.
	 */
	@Nullable LockRecord look(Connection connection, LockKey key) throws SQLException {
		String sql = causal("SELECT owner, token, " + micros("acquired_at", this.now) + ", "
				+ micros(this.now, "expires_at") + " FROM " + this.table + " WHERE lock_key = ? AND " + this.held);
		try (PreparedStatement statement = Statements.prepare(connection, sql, key.name());
				ResultSet rows = statement.executeQuery()) {
			if (!rows.next()) {
				return null;
			}
			return new LockRecord(new Hold(key, rows.getString(1)), rows.getLong(2), duration(rows.getLong(3)),
					duration(rows.getLong(4)));
		}
	}

	/**
	 * How whoever waits learns of a release.
	 * @param connections where to ask
	 * @param isShared whether the application has these connections, too
	 */
	abstract ReleaseSignals signals(LockConnections connections, boolean isShared);

	/**
	 * What removes the rows of keys that nobody wants any more.
	 */
	final Sweep sweep() {
		return new Sweep(this.table, nowPlusMicros(), sweptAtOnce());
	}

	/**
	 * How many rows are removed at once at most. Some databases compare each row with all
	 * that are listed.
	 */
	int sweptAtOnce() {
		return CHUNK;
	}

	static long toMicros(Duration duration) {
		// A lease of more than a century is as good as one.
		return Math.min(duration.getSeconds(), 4_000_000_000L) * 1_000_000 + duration.getNano() / 1000;
	}

	private static Duration duration(long micros) {
		return Duration.of(Math.max(0, micros), ChronoUnit.MICROS);
	}

}
