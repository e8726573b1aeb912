package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What the driver needs to know beside where the database is.
 *
 * @param table the table that holds the locks: an identifier, optionally with its schema
 * in front, which is used unquoted
 * @param platform how the database is spoken to: {@code h2}, {@code postgresql},
 * {@code mariadb}, {@code mysql}, or {@code portable} for the way that any other is,
 * which its own name ({@code derby}, {@code hsqldb}) stands for too; null to ask the
 * database for its name
 * @param timeout how long to wait for a connection, and for the answer to a statement
 * @param pollInterval the longest pause between two looks for a released lock, where the
 * database cannot tell; at least a millisecond
 * @param keepReleased how long the row of a lock that nobody wants stays, for the next
 * fencing token to be higher than its last one; at least a second, longer than a
 * statement may take, and longer than the clocks of any two servers of one cluster differ
 * @param waitForDisk whether a grant is told only when it is on the server's disk; if
 * not, and the database is PostgreSQL, a server that has crashed grants nothing until the
 * longest lease of what it may have forgotten is over. The same for all instances
 */
public record JdbcLockSettings(String table, @Nullable String platform, Duration timeout, Duration pollInterval,
		Duration keepReleased, boolean waitForDisk) {

	/**
	 * The table that is used where nothing else is said, and that the scripts create.
	 */
	public static final String DEFAULT_TABLE = "DRAGONFLOW_LOCK";

	// For each there is a script.
	private static final List<String> PLATFORMS = List.of("postgresql", "mariadb", "mysql", "h2", "hsqldb", "derby",
			"sqlite", "portable");

	// PostgreSQL cuts at 63. Other databases that allow less say so.
	private static final Pattern TABLE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*\\.)?[A-Za-z_][A-Za-z0-9_]{0,62}");

	/**
	 * Checks the settings.
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public JdbcLockSettings {
		if (!TABLE.matcher(table).matches()) {
			throw new IllegalArgumentException("The lock table must be an identifier of letters, digits and '_', "
					+ "63 characters at most, optionally with its schema and a dot in front, but is '" + table + "'");
		}
		if (platform != null && !PLATFORMS.contains(platform)) {
			throw new IllegalArgumentException("The platform must be one of " + String.join(", ", PLATFORMS)
					+ " (portable for any database of another kind), but is '" + platform + "'");
		}
		if (timeout.toMillis() < 1 || timeout.toMillis() > Integer.MAX_VALUE) {
			throw new IllegalArgumentException("The timeout must be at least 1ms and below 25 days, but is " + timeout);
		}
		if (pollInterval.toMillis() < 1) {
			throw new IllegalArgumentException("The poll interval must be at least 1ms, but is " + pollInterval);
		}
		if (keepReleased.toSeconds() < 1 || keepReleased.compareTo(timeout) <= 0) {
			throw new IllegalArgumentException("Released rows must be kept for at least 1s, and for longer than the "
					+ "timeout of " + timeout + ", but are for " + keepReleased);
		}
	}

	/**
	 * Settings with grants that wait for the disk.
	 * @param table see the record
	 * @param platform see the record
	 * @param timeout see the record
	 * @param pollInterval see the record
	 * @param keepReleased see the record
	 */
	public JdbcLockSettings(String table, @Nullable String platform, Duration timeout, Duration pollInterval,
			Duration keepReleased) {
		this(table, platform, timeout, pollInterval, keepReleased, true);
	}

	/**
	 * The defaults: the default table, the database's own platform, a timeout of five
	 * seconds, a poll interval of 50 milliseconds, and ten minutes for released rows.
	 * @return settings that fit the scripts as they are
	 */
	public static JdbcLockSettings defaults() {
		return new JdbcLockSettings(DEFAULT_TABLE, null, Duration.ofSeconds(5), Duration.ofMillis(50),
				Duration.ofMinutes(10));
	}

	/**
	 * What may be named as the platform.
	 * @return the names, for each of which there is a script that creates the table
	 */
	public static List<String> platforms() {
		return PLATFORMS;
	}

	/**
	 * The view that tells the time, where the database is spoken to in the portable way.
	 * @return the table's name with {@code _CLOCK}
	 */
	String clock() {
		return this.table + "_CLOCK";
	}

	/**
	 * The table that is empty on a server which may have forgotten grants.
	 */
	String memory() {
		return this.table + "_MEMORY";
	}

}
