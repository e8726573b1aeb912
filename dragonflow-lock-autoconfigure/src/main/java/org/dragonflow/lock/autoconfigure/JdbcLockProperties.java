package org.dragonflow.lock.autoconfigure;

import java.time.Duration;
import java.util.function.Supplier;

import org.dragonflow.lock.jdbc.JdbcLockSettings;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.init.DatabaseInitializationProperties;
import org.springframework.util.StringUtils;

/**
 * What holds for locks in a relational database.
 */
@ConfigurationProperties("dragonflow.lock.jdbc")
public final class JdbcLockProperties extends DatabaseInitializationProperties {

	/**
	 * Table that holds the locks, optionally with its schema in front. What belongs to it
	 * has the same name and "_CLOCK" or the like.
	 */
	private String table = JdbcLockSettings.DEFAULT_TABLE;

	/**
	 * Connections that the locks' own pool has at most. On PostgreSQL there is one more
	 * while somebody waits.
	 */
	private int connections = 8;

	/**
	 * How long to wait for a connection, and for the answer to a statement.
	 */
	private Duration timeout = Duration.ofSeconds(5);

	/**
	 * Longest pause between two looks for a released lock, where the database cannot
	 * tell.
	 */
	private Duration pollInterval = Duration.ofMillis(50);

	/**
	 * How long the row of a lock that nobody wants stays, for the next fencing token to
	 * be higher than its last one. Longer than the clocks of any two servers of one
	 * cluster differ.
	 */
	private Duration keepReleased = Duration.ofMinutes(10);

	/**
	 * Whether a lock is granted only when that is on the database's disk. If not, which
	 * PostgreSQL alone can do, locks are taken two to three times as fast, and a server
	 * that has crashed grants none until the longest lease of those that it may have
	 * forgotten is over. The same for all instances.
	 */
	private boolean waitForDisk = true;

	public String getTable() {
		return this.table;
	}

	public void setTable(String table) {
		this.table = table;
	}

	public int getConnections() {
		return this.connections;
	}

	public void setConnections(int connections) {
		this.connections = connections;
	}

	public Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(Duration timeout) {
		this.timeout = timeout;
	}

	public Duration getPollInterval() {
		return this.pollInterval;
	}

	public void setPollInterval(Duration pollInterval) {
		this.pollInterval = pollInterval;
	}

	public Duration getKeepReleased() {
		return this.keepReleased;
	}

	public void setKeepReleased(Duration keepReleased) {
		this.keepReleased = keepReleased;
	}

	public boolean isWaitForDisk() {
		return this.waitForDisk;
	}

	public void setWaitForDisk(boolean waitForDisk) {
		this.waitForDisk = waitForDisk;
	}

	@Override
	public String getDefaultSchemaLocation() {
		return "classpath:org/dragonflow/lock/jdbc/schema-@@platform@@.sql";
	}

	JdbcLockSettings toSettings() {
		JdbcLockSettings defaults = JdbcLockSettings.defaults();
		if (this.connections < 1) {
			throw invalid("connections", this.connections, "must be 1 or more");
		}
		check("table", this.table, () -> new JdbcLockSettings(this.table, null, defaults.timeout(),
				defaults.pollInterval(), defaults.keepReleased()));
		String platform = StringUtils.hasText(getPlatform()) ? getPlatform() : null;
		check("platform", String.valueOf(platform), () -> new JdbcLockSettings(defaults.table(), platform,
				defaults.timeout(), defaults.pollInterval(), defaults.keepReleased()));
		check("timeout", this.timeout, () -> new JdbcLockSettings(defaults.table(), null, this.timeout,
				defaults.pollInterval(), Duration.ofDays(100)));
		check("poll-interval", this.pollInterval, () -> new JdbcLockSettings(defaults.table(), null, defaults.timeout(),
				this.pollInterval, defaults.keepReleased()));
		check("keep-released", this.keepReleased, () -> new JdbcLockSettings(defaults.table(), null, this.timeout,
				defaults.pollInterval(), this.keepReleased));
		return new JdbcLockSettings(this.table, platform, this.timeout, this.pollInterval, this.keepReleased,
				this.waitForDisk);
	}

	// One at a time, so that the report names the property that is wrong.
	private static void check(String name, Object value, Supplier<JdbcLockSettings> settings) {
		try {
			settings.get();
		}
		catch (IllegalArgumentException ex) {
			throw invalid(name, value, String.valueOf(ex.getMessage()));
		}
	}

	private static RuntimeException invalid(String name, Object value, String reason) {
		return new InvalidConfigurationPropertyValueException("dragonflow.lock.jdbc." + name, value, reason);
	}

}
