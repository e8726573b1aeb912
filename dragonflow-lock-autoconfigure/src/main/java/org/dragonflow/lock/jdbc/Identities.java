package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.spi.Hold;

/**
 * Tells the many holds of one statement apart: by a key and an owner as one string, as
 * {@link Dialect#identity()} puts them together.
 */
final class Identities {

	private Identities() {
	}

	static String of(Hold hold) {
		return of(hold.key().name(), hold.owner());
	}

	static String of(String name, String owner) {
		return name + ' ' + owner;
	}

	/**
	 * The tokens that a statement yields for ours among the holders.
	 * @param sql yields the name of the key, the token, and the owner
	 * @param ours the identities of those that are asked for
	 * @param parameters for the statement
	 */
	static Map<String, Long> tokens(Connection connection, String sql, Set<String> ours, Object... parameters)
			throws SQLException {
		Map<String, Long> tokens = new HashMap<>();
		try (PreparedStatement statement = Statements.prepare(connection, sql, parameters);
				ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				if (ours.contains(of(rows.getString(1), rows.getString(3)))) {
					tokens.put(rows.getString(1), rows.getLong(2));
				}
			}
		}
		return tokens;
	}

	/**
	 * The holds that a statement has released by their keys and owners.
	 * @param sql yields key, owner, and whether the lease still lasted
	 * @param parameters for the statement
	 */
	static Set<Hold> released(Connection connection, String sql, List<Hold> holds, Object... parameters)
			throws SQLException {
		Set<String> unexpired = new HashSet<>();
		try (PreparedStatement statement = Statements.prepare(connection, sql, parameters);
				ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				if (rows.getBoolean(3)) {
					unexpired.add(of(rows.getString(1), rows.getString(2)));
				}
			}
		}
		Set<Hold> released = new HashSet<>(holds);
		released.removeIf((hold) -> !unexpired.contains(of(hold)));
		return released;
	}

	/**
	 * The parameters of a statement that names holds by their keys first, and then by
	 * keys and owners.
	 */
	static List<Object> parameters(Collection<Hold> holds) {
		List<Object> names = new ArrayList<>(2 * holds.size());
		holds.forEach((hold) -> names.add(hold.key().name()));
		holds.forEach((hold) -> names.add(of(hold)));
		return names;
	}

}
