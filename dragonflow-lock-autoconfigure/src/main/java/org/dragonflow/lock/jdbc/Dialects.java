package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.util.ClassUtils;

/**
 * Which dialect a database speaks.
 */
final class Dialects {

	private static final Log logger = LogFactory.getLog(Dialects.class);

	private static final String LISTENING_CLIENT = "org.postgresql.PGConnection";

	/**
	 * Whether there is PostgreSQL's client.
	 */
	static final boolean CAN_LISTEN = ClassUtils.isPresent(LISTENING_CLIENT, Dialects.class.getClassLoader());

	private Dialects() {
	}

	static Dialect of(Connection connection, JdbcLockSettings settings) throws SQLException {
		String platform = settings.platform();
		if (platform == null) {
			platform = DatabaseDriver.fromProductName(connection.getMetaData().getDatabaseProductName()).getId();
		}
		if (!settings.waitForDisk() && !platform.equals("postgresql")) {
			logger
				.warn("'dragonflow.lock.jdbc.wait-for-disk=false' has no effect: only PostgreSQL can grant a lock without "
						+ "waiting for the disk for one session alone, and tell whether a crash has made it forget some.");
		}
		return switch (platform) {
			case "h2" -> new H2Dialect(settings);
			case "postgresql" -> postgres(connection, settings);
			case "mariadb" -> innoDb(connection, settings, true);
			case "mysql" -> innoDb(connection, settings, false);
			default -> portable(connection, settings);
		};
	}

	private static Dialect postgres(Connection connection, JdbcLockSettings settings) throws SQLException {
		// If it is not, that is told later.
		boolean there = isThere(connection, "SELECT lock_key FROM " + settings.table() + " WHERE lock_key = ''");
		if (there && !settings.waitForDisk()
				&& !isThere(connection, "SELECT lock_table FROM " + settings.memory() + " WHERE lock_table = 0")) {
			throw LockStoreException.refused("The table " + settings.memory() + ", which "
					+ "'dragonflow.lock.jdbc.wait-for-disk=false' needs, is not there or not to be read. Have it created "
					+ "by 'dragonflow.lock.jdbc.initialize-schema=always' or the script for PostgreSQL.", null);
		}
		// All must heed what one of them relies on.
		return new PostgresDialect(settings,
				!settings.waitForDisk() || (there && PostgresMemory.isKept(connection, settings)));
	}

	private static Dialect innoDb(Connection connection, JdbcLockSettings settings, boolean mariaDb)
			throws SQLException {
		boolean galera = !Statements
			.strings(connection, "SHOW GLOBAL VARIABLES WHERE Variable_name = 'wsrep_on' AND Value = 'ON'")
			.isEmpty();
		boolean group = !Statements
			.strings(connection,
					"SHOW GLOBAL VARIABLES WHERE Variable_name = 'group_replication_group_name' AND Value <> ''")
			.isEmpty();
		if (galera || group) {
			logger
				.warn("The lock table is on a cluster of which each server may be written to, and judges leases by its "
						+ "own clock. Keep their clocks within a hundredth of the shortest lease, or let all instances write "
						+ "to one of them."
						+ ((galera && mariaDb) ? "" : " Reads may be stale there: set wsrep_sync_wait=7, or "
								+ "group_replication_consistency=BEFORE, for the sessions of the locks."));
		}
		return new InnoDbDialect(settings, mariaDb, galera);
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
	 * @param names the columns that no earlier version has
	 * @throws LockStoreException if it is an earlier version's
	 */
	static void check(Connection connection, JdbcLockSettings settings, List<String> names) throws SQLException {
		String columns = "SELECT %s FROM " + settings.table() + " WHERE lock_key = ''";
		try {
			Statements.strings(connection, columns.formatted(String.join(", ", names)));
		}
		catch (SQLException ex) {
			if (isThere(connection, columns.formatted("token"))) {
				throw LockStoreException.refused("The table " + settings.table() + " is one of an earlier version: it "
						+ "has no column '" + missing(connection, columns, names)
						+ "'. Stop all instances, drop the table, and what goes by its name "
						+ "and _SEQ or _TURN, and have it created anew by 'dragonflow.lock.jdbc.initialize-schema="
						+ "always' or the script for your database. Fencing tokens go on from the clock.", ex);
			}
			throw ex;
		}
	}

	private static String missing(Connection connection, String columns, List<String> names) {
		return names.stream().filter((name) -> !isThere(connection, columns.formatted(name))).findFirst().orElse("?");
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
