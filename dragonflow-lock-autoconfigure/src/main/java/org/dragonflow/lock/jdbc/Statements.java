package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Sends statements.
 */
final class Statements {

	private Statements() {
	}

	static PreparedStatement prepare(Connection connection, String sql, Object... parameters) throws SQLException {
		PreparedStatement statement = connection.prepareStatement(sql);
		try {
			bind(statement, parameters);
			return statement;
		}
		catch (SQLException ex) {
			statement.close();
			throw ex;
		}
	}

	static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
		for (int i = 0; i < parameters.length; i++) {
			statement.setObject(i + 1, parameters[i]);
		}
	}

	static int update(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = prepare(connection, sql, parameters)) {
			return statement.executeUpdate();
		}
	}

	static List<String> strings(Connection connection, String sql, Object... parameters) throws SQLException {
		return first(connection, 0, sql, parameters);
	}

	/**
	 * The first rows at most, for which there are no common words in SQL.
	 * @param limit how many; zero for all
	 */
	static List<String> first(Connection connection, int limit, String sql, Object... parameters) throws SQLException {
		List<String> result = new ArrayList<>();
		try (PreparedStatement statement = prepare(connection, sql, parameters)) {
			statement.setMaxRows(limit);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					result.add(rows.getString(1));
				}
			}
		}
		return result;
	}

	static String marks(int count) {
		return String.join(", ", Collections.nCopies(count, "?"));
	}

}
