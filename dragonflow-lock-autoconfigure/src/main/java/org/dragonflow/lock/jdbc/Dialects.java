package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

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
			default -> new PortableDialect(settings);
		};
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
