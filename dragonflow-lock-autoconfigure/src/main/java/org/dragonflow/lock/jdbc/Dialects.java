package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;

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
			case "mariadb" -> new MariaDbDialect(settings);
			case "mysql" -> new MySqlDialect(settings);
			case "portable" -> new PortableDialect(settings);
			default -> other(platform, settings);
		};
	}

	// A name that was misspelt must not lead to the way that fits any database.
	private static Dialect other(String platform, JdbcLockSettings settings) {
		boolean known = Arrays.stream(DatabaseDriver.values()).anyMatch((driver) -> driver.getId().equals(platform));
		if (!known && settings.platform() != null) {
			throw LockStoreException
				.refused("The jdbc lock driver does not know the 'dragonflow.lock.jdbc.platform' '" + platform
						+ "'. It knows h2, postgresql, mariadb and mysql, and for any other database " + "'portable'.",
						null);
		}
		return new PortableDialect(settings);
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
