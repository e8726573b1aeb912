package org.dragonflow.lock.faults;

import java.time.Duration;

import com.zaxxer.hikari.HikariDataSource;
import org.dragonflow.lock.jdbc.JdbcLockDriver;
import org.dragonflow.lock.jdbc.JdbcLockSettings;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.DatabaseServer;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * A database server, and a database of it that is new for each test.
 */
final class FaultyDatabase implements FaultyStore {

	private final DatabaseServer server;

	private final String schema;

	private Database database;

	FaultyDatabase(DatabaseServer server, String schema) {
		this.server = server;
		this.schema = schema;
		this.database = server.newDatabase();
	}

	@Override
	public void prepare() {
		this.database = this.server.newDatabase();
		new ResourceDatabasePopulator(new ClassPathResource("org/dragonflow/lock/jdbc/" + this.schema))
			.execute(this.database.dataSource());
	}

	@Override
	public int port() {
		return this.server.port();
	}

	@Override
	public Client client(int port, Duration lease) {
		Database reached = this.database.through(port);
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(reached.jdbcUrl());
		pool.setUsername(reached.username());
		pool.setPassword(reached.password());
		JdbcLockSettings settings = new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, null, Client.TIMEOUT,
				Duration.ofMillis(50), Duration.ofMinutes(10));
		return Client.start(JdbcLockDriver.beside(pool, settings, 4), pool, lease);
	}

	@Override
	public int records() {
		Integer count = new JdbcTemplate(this.database.dataSource())
			.queryForObject("SELECT COUNT(*) FROM DRAGONFLOW_LOCK WHERE released_at IS NULL", Integer.class);
		return (count != null) ? count : 0;
	}

	@Override
	public void deleteRecords() {
		new JdbcTemplate(this.database.dataSource()).update("DELETE FROM DRAGONFLOW_LOCK");
	}

	@Override
	public void stop() {
		this.server.stop();
	}

	@Override
	public void restart() {
		this.server.restart();
	}

	@Override
	public void kill() {
		this.server.kill();
	}

	@Override
	public void pause() {
		this.server.pause();
	}

	@Override
	public void resume() {
		this.server.resume();
	}

	@Override
	public void close() {
		this.server.close();
	}

}
