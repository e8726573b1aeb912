package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes the rows of keys that nobody has had for some time, not all of them at once
 * where there are many.
 *
 * @param table what has the rows
 * @param nowPlusMicros an SQL expression for the moment that is a parameter's
 * microseconds from now
 * @param limit how many rows to remove at once at most
 */
record Sweep(String table, String nowPlusMicros, int limit) {

	/**
	 * Removes some rows. Reads first, so that nothing is locked where there is nothing to
	 * remove.
	 * @param kept for how long nobody has had them
	 * @return whether there may be more
	 */
	boolean some(Connection connection, Duration kept) throws SQLException {
		List<String> names = Statements.first(connection, this.limit, "SELECT lock_key" + old(),
				-Dialect.toMicros(kept));
		if (!names.isEmpty()) {
			remove(connection, kept, names);
		}
		return names.size() == this.limit;
	}

	/**
	 * Removes those of some rows that nobody has had for some time.
	 * @param names the names of the keys
	 */
	void remove(Connection connection, Duration kept, List<String> names) throws SQLException {
		List<Object> parameters = new ArrayList<>(names);
		parameters.add(0, -Dialect.toMicros(kept));
		Statements.update(connection, "DELETE" + old() + " AND lock_key IN (" + Statements.marks(names.size()) + ")",
				parameters.toArray());
	}

	private String old() {
		return " FROM " + this.table + " WHERE COALESCE(released_at, expires_at) < " + this.nowPlusMicros;
	}

}
