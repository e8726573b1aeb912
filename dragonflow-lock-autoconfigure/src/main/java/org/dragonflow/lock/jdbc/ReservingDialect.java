package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * A database that cannot tell of a release, so that whoever waits has to look. The row of
 * a key says who is to have it next ({@code next_owner}), and since when that one waits
 * by the database's clock ({@code next_since}, which says nothing without the other). An
 * attempt that fails and goes on to wait enters itself unless somebody who has waited for
 * longer is there; a grant clears it. All others leave a free lock alone until a grace is
 * over, in which the next one has looked at least once. So those who have died cost no
 * more than that.
 */
abstract class ReservingDialect extends Dialect {

	// Of a longest pause between two looks, so that the next one comes in time though its
	// look has taken some time, or the pause was varied.
	private static final int GRACE_IN_PAUSES = 2;

	private static final Duration LONGEST_GRACE = Duration.ofSeconds(5);

	/**
	 * For how many microseconds after the end of a hold it is for the next one alone.
	 */
	final long graceMicros;

	private final String table;

	private final String now;

	private final Duration pollInterval;

	ReservingDialect(JdbcLockSettings settings, String now) {
		super(settings.table(), now);
		this.table = settings.table();
		this.now = now;
		this.pollInterval = settings.pollInterval();
		Duration grace = settings.pollInterval().multipliedBy(GRACE_IN_PAUSES);
		this.graceMicros = toMicros((grace.compareTo(LONGEST_GRACE) < 0) ? grace : LONGEST_GRACE);
	}

	@Override
	final Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait) throws SQLException {
		return take(connection, attempt, null);
	}

	@Override
	final Answer acquire(Connection connection, LockAttempt attempt, boolean hadToWait, Duration waited)
			throws SQLException {
		// The first attempt mostly finds the lock free, and is spared what only concerns
		// waiting.
		boolean waits = hadToWait && !attempt.waitUntil().hasPassed();
		return take(connection, attempt, waits ? toMicros(waited) : null);
	}

	/**
	 * Takes a free or expired lock, unless it is another's turn. If that is not so, an
	 * attempt that waits is the next one from now on, unless there is one that has waited
	 * for longer.
	 * @param waitedMicros null if it does not go on to wait
	 */
	abstract Answer take(Connection connection, LockAttempt attempt, @Nullable Long waitedMicros) throws SQLException;

	/**
	 * An SQL expression for the database's clock in microseconds since 1970.
	 */
	abstract String clock();

	/**
	 * An SQL expression for the moment before which a hold must have ended for its lock
	 * to be free for all.
	 */
	final String graceAgo() {
		return nowPlusMicros().replace("?", String.valueOf(-this.graceMicros));
	}

	@Override
	ReleaseSignals signals(LockConnections connections, boolean isShared) {
		return new TurnSignals(
				(names) -> connections.call("look for released locks", this::isCollision,
						(connection) -> turns(connection, names)),
				(holds) -> connections.call("wait no longer", this::isCollision,
						(connection) -> withdraw(connection, holds)),
				this.pollInterval);
	}

	/**
	 * Finds out whose turn it is, for those keys that are not free for all.
	 * @param names the names of the keys, {@value #CHUNK} at most
	 */
	Map<String, Turn> turns(Connection connection, List<String> names) throws SQLException {
		Map<String, Turn> turns = new HashMap<>();
		String sql = "SELECT lock_key, CASE WHEN released_at IS NULL AND expires_at > " + this.now
				+ " THEN 1 ELSE 0 END, next_owner, " + clock() + " - next_since FROM " + this.table
				+ " WHERE lock_key IN (" + Statements.marks(names.size()) + ") AND expires_at > " + graceAgo()
				+ " AND (released_at IS NULL OR released_at > " + graceAgo() + ")";
		try (PreparedStatement statement = Statements.prepare(connection, sql, names.toArray());
				ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				Turn turn = new Turn(rows.getInt(2) == 1, rows.getString(3),
						Duration.of(rows.getLong(4), ChronoUnit.MICROS));
				if (turn.held() || turn.next() != null) {
					turns.put(rows.getString(1), turn);
				}
			}
		}
		return turns;
	}

	/**
	 * Takes back what attempts have entered that wait no longer.
	 * @return how many of them were the next one still
	 */
	int withdraw(Connection connection, Collection<Hold> waiting) throws SQLException {
		String sql = causal("UPDATE " + this.table
				+ " SET next_owner = NULL, next_since = NULL WHERE lock_key = ? AND next_owner = ?");
		int withdrawn = 0;
		for (Hold hold : waiting) {
			withdrawn += Statements.update(connection, sql, hold.key().name(), hold.owner());
		}
		return withdrawn;
	}

	@Override
	List<String> columns() {
		return List.of("released_at", "next_owner", "next_since");
	}

}
