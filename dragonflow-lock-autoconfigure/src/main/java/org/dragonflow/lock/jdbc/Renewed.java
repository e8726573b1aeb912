package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.spi.Hold;

/**
 * A database's answer to a renewal.
 *
 * @param holds those that are extended
 * @param revoked those of them whose release is asked for
 */
record Renewed(Set<Hold> holds, Set<Hold> revoked) {

	/**
	 * Asks for rows of two columns: the {@link Identities identity} of a record, and
	 * whether its release is asked for.
	 */
	static Renewed read(Collection<Hold> asked, Connection connection, String sql, Object... parameters)
			throws SQLException {
		Map<String, Hold> byIdentity = new HashMap<>();
		asked.forEach((hold) -> byIdentity.put(Identities.of(hold), hold));
		Set<Hold> extended = new HashSet<>();
		Set<Hold> revoked = new HashSet<>();
		try (PreparedStatement statement = Statements.prepare(connection, sql, parameters);
				ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				Hold hold = byIdentity.get(rows.getString(1));
				if (hold != null) {
					extended.add(hold);
					if (rows.getInt(2) != 0) {
						revoked.add(hold);
					}
				}
			}
		}
		return new Renewed(extended, revoked);
	}

}
