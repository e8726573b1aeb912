package org.dragonflow.lock.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.H2Server;
import org.dragonflow.lock.test.servers.MariaDbServer;
import org.dragonflow.lock.test.servers.MySqlServer;
import org.dragonflow.lock.test.servers.PostgresServer;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * An empty database with the lock table, and how the driver is to speak to it.
 *
 * @param platform what names the dialect and the script
 * @param database where it is
 */
record TestDatabase(String platform, Database database) {

	/**
	 * How many rows are of a hold, be it expired.
	 */
	static final String HELD = "SELECT count(*) FROM DRAGONFLOW_LOCK WHERE released_at IS NULL";

	static TestDatabase postgres() {
		return new TestDatabase("postgresql", PostgresServer.shared().newDatabase()).withTable();
	}

	static TestDatabase mariaDb() {
		return new TestDatabase("mariadb", MariaDbServer.shared().newDatabase()).withTable();
	}

	/**
	 * MySQL's dialect by MySQL's own client.
	 */
	static TestDatabase mySql() {
		return new TestDatabase("mysql", MariaDbServer.shared().newDatabaseForConnectorJ()).withTable();
	}

	/**
	 * MySQL itself.
	 */
	static TestDatabase mySql8() {
		return new TestDatabase("mysql", MySqlServer.shared().newDatabase()).withTable();
	}

	static TestDatabase postgres18() {
		return new TestDatabase("postgresql", PostgresServer.shared18().newDatabase()).withTable();
	}

	static TestDatabase h2Server() {
		return new TestDatabase("h2", H2Server.shared().newDatabase()).withTable();
	}

	static TestDatabase h2Memory() {
		return new TestDatabase("h2", new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", ""))
			.withTable();
	}

	static TestDatabase hsqlDb() {
		return emptyHsqlDb().withTable();
	}

	static TestDatabase emptyHsqlDb() {
		return new TestDatabase("hsqldb", new Database("jdbc:hsqldb:mem:" + UUID.randomUUID(), "sa", ""));
	}

	static TestDatabase derby() {
		return emptyDerby().withTable();
	}

	static TestDatabase emptyDerby() {
		// Where it writes its log, which is the working directory otherwise.
		System.setProperty("derby.stream.error.file", "target/derby.log");
		return new TestDatabase("derby",
				new Database("jdbc:derby:memory:" + UUID.randomUUID() + ";create=true", "sa", ""));
	}

	static TestDatabase sqlite() {
		return emptySqlite().withTable();
	}

	static TestDatabase emptySqlite() {
		try {
			Path file = Files.createTempFile(Path.of("target"), "lock", ".sqlite");
			return new TestDatabase("sqlite", new Database("jdbc:sqlite:" + file + "?journal_mode=WAL", "", ""));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A database that the driver is told not to know.
	 */
	static TestDatabase portable() {
		return new TestDatabase("portable", PostgresServer.shared().newDatabase()).withTable();
	}

	/**
	 * Those that are spoken to in the portable way.
	 */
	static Stream<TestDatabase> portables() {
		return Stream.of(hsqlDb(), derby(), sqlite(), portable());
	}

	private boolean isPortable() {
		return Set.of("hsqldb", "derby", "sqlite", "portable").contains(this.platform);
	}

	JdbcLockSettings settings() {
		return settings(Duration.ofSeconds(5));
	}

	JdbcLockSettings settings(Duration timeout) {
		return new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, this.platform, timeout, Duration.ofMillis(50),
				Duration.ofMinutes(10));
	}

	/**
	 * Settings by which released rows stay for so long.
	 */
	JdbcLockSettings keeping(Duration kept) {
		return new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, this.platform, Duration.ofSeconds(5),
				Duration.ofMillis(50), kept);
	}

	/**
	 * Settings by which no grant waits for the disk.
	 */
	JdbcLockSettings ahead() {
		return new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, this.platform, Duration.ofSeconds(5),
				Duration.ofMillis(50), Duration.ofMinutes(10), false);
	}

	DataSource dataSource() {
		return this.database.dataSource();
	}

	/**
	 * A driver as an application has it.
	 */
	JdbcLockDriver driver() {
		return JdbcLockDriver.beside(dataSource(), settings(), 4);
	}

	TestDatabase withTable() {
		ResourceDatabasePopulator scripts = new ResourceDatabasePopulator(
				new ClassPathResource("org/dragonflow/lock/jdbc/schema-" + this.platform + ".sql"));
		if (this.platform.equals("portable")) {
			scripts.addScript(new ClassPathResource("portable/clock-postgresql.sql"));
		}
		scripts.execute(dataSource());
		return this;
	}

	/**
	 * Makes the table anew that was dropped, with what was dropped with it.
	 */
	void withTableAnew() {
		ResourceDatabasePopulator scripts = new ResourceDatabasePopulator(
				new ClassPathResource("org/dragonflow/lock/jdbc/schema-" + this.platform + ".sql"));
		// Not all know IF NOT EXISTS, and the clock may still be there.
		scripts.setContinueOnError(true);
		scripts.execute(dataSource());
	}

	int execute(String sql) {
		try (Connection connection = dataSource().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
			return statement.getUpdateCount();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

	long number(String sql) {
		try (Connection connection = dataSource().getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getLong(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

	/**
	 * Makes the lease of a key end now.
	 */
	void expire(String name) {
		execute("UPDATE DRAGONFLOW_LOCK SET expires_at = acquired_at - "
				+ (isPortable() ? "86400000000" : "INTERVAL '1' DAY") + " WHERE lock_key = '" + name + "'");
	}

}
