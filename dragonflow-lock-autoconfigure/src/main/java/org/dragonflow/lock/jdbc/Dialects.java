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
			String product = connection.getMetaData().getDatabaseProductName();
			platform = DatabaseDriver.fromProductName(product).getId();
			if (platform.equals(DatabaseDriver.UNKNOWN.getId())) {
				platform = product;
			}
		}
		return switch (platform) {
			case "h2" -> new H2Dialect(settings);
			case "postgresql" -> new PostgresDialect(settings);
			case "mariadb" -> new MariaDbDialect(settings);
			case "mysql" -> new MySqlDialect(settings);
			default -> throw LockStoreException.refused("The jdbc lock driver does not know the database '" + platform
					+ "'. It knows h2, postgresql, mariadb and mysql; where the database speaks like one of these, "
					+ "name it by 'dragonflow.lock.jdbc.platform'.", null);
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
