package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import org.dragonflow.lock.LockStoreException;
import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.util.ClassUtils;

/**
 * Which dialect a database speaks.
 */
final class Dialects {

	private static final String LISTENING_CLIENT = "org.postgresql.PGConnection";

	private Dialects() {
	}

	static Dialect of(Connection connection, JdbcLockSettings settings) throws SQLException {
		String platform = settings.platform();
		if (platform == null) {
			platform = DatabaseDriver.fromProductName(connection.getMetaData().getDatabaseProductName()).getId();
		}
		return switch (platform) {
			case "h2" -> new H2Dialect(settings);
			case "postgresql" -> new PostgresDialect(settings);
			case "mariadb" -> new InnoDbDialect(settings, true);
			case "mysql" -> new InnoDbDialect(settings, false);
			default -> portable(connection, settings);
		};
	}

	private static Dialect portable(Connection connection, JdbcLockSettings settings) {
		String identity = PortableDialect.IDENTITIES.stream()
			.filter((sql) -> isThere(connection,
					"SELECT " + sql + " FROM " + settings.table() + " WHERE lock_key = ''"))
			.findFirst()
			.orElse(PortableDialect.IDENTITIES.get(0));
		return new PortableDialect(settings, identity);
	}

	/**
	 * Whether the table is there, and as this version expects it.
	 * @throws LockStoreException if it is an earlier version's
	 */
	static void check(Connection connection, JdbcLockSettings settings) throws SQLException {
		String columns = "SELECT %s FROM " + settings.table() + " WHERE lock_key = ''";
		try {
			Statements.strings(connection, columns.formatted("released_at"));
		}
		catch (SQLException ex) {
			if (isThere(connection, columns.formatted("token"))) {
				throw LockStoreException.refused("The table " + settings.table() + " is one of an earlier version: it "
						+ "has no column 'released_at'. Stop all instances, drop the table, and what goes by its name "
						+ "and _SEQ or _TURN, and have it created anew by 'dragonflow.lock.jdbc.initialize-schema="
						+ "always' or the script for your database. Fencing tokens go on from the clock.", ex);
			}
			throw ex;
		}
	}

	private static boolean isThere(Connection connection, String sql) {
		try {
			Statements.strings(connection, sql);
			return true;
		}
		catch (SQLException ex) {
			return false;
		}
	}

	/**
	 * Whether the client can wait for notifications, which is no part of JDBC.
	 */
	static boolean canListen(Connection connection) throws SQLException {
		ClassLoader classLoader = Dialects.class.getClassLoader();
		return ClassUtils.isPresent(LISTENING_CLIENT, classLoader)
				&& connection.isWrapperFor(ClassUtils.resolveClassName(LISTENING_CLIENT, classLoader));
	}

}
