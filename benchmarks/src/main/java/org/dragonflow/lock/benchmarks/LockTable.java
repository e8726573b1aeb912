package org.dragonflow.lock.benchmarks;

import java.time.Duration;

import javax.sql.DataSource;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.jdbc.JdbcLockDriver;
import org.dragonflow.lock.jdbc.JdbcLockSettings;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * A new database with the lock table.
 *
 * @param store what kind of database it is
 * @param dataSource gives connections, without a pool
 */
record LockTable(Store store, DataSource dataSource) {

	static LockTable of(Store store) {
		DataSource dataSource = store.newDatabase().dataSource();
		run(dataSource, "org/dragonflow/lock/jdbc/schema-" + store.platform() + ".sql");
		return new LockTable(store, dataSource);
	}

	static void run(DataSource dataSource, String script) {
		new ResourceDatabasePopulator(new ClassPathResource(script)).execute(dataSource);
	}

	/**
	 * An engine as an application's instance has it, with its pool.
	 */
	LockEngine engine(HandOver handOver) {
		return engine(handOver, 8);
	}

	/**
	 * An engine as an application's instance has it.
	 * @param connections how many its pool has
	 */
	LockEngine engine(HandOver handOver, int connections) {
		JdbcLockSettings settings = new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, this.store.platform(),
				Duration.ofSeconds(10), Duration.ofMillis(50), Duration.ofMinutes(10));
		return new LockEngine(JdbcLockDriver.beside(this.dataSource, settings, connections),
				new EngineSettings("benchmarks", EngineSettings.newInstanceName(), Duration.ofSeconds(30), null, null,
						handOver),
				(event) -> {
				});
	}

}
