package org.dragonflow.lock.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Lock;

import com.zaxxer.hikari.HikariDataSource;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;

import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/**
 * Who locks. All have a pool of the same size.
 */
public enum Contender {

	/**
	 * An upsert that respects the lease, and a delete, and nothing else: what the
	 * database allows. Each thread keeps its connection and its statements.
	 */
	RAW_SQL {
		@Override
		Locking on(LockTable table) {
			return new RawLocking(table);
		}
	},

	THIS_PROJECT {
		@Override
		Locking on(LockTable table) {
			LockEngine engine = table.engine(HandOver.DEFAULT, CONNECTIONS);
			return new Locking() {
				@Override
				public void cycle(String objectId) {
					engine.lock(objectId);
					engine.unlock(objectId);
				}

				@Override
				public void close() {
					engine.close();
				}
			};
		}
	},

	SPRING_INTEGRATION {
		@Override
		Locking on(LockTable table) {
			HikariDataSource pool = pool(table);
			String script = (table.store() == Store.MARIADB) ? "mysql" : table.store().platform();
			LockTable.run(table.dataSource(), "org/springframework/integration/jdbc/schema-" + script + ".sql");
			DefaultLockRepository repository = new DefaultLockRepository(pool);
			repository.setTransactionManager(new DataSourceTransactionManager(pool));
			repository.afterPropertiesSet();
			repository.afterSingletonsInstantiated();
			repository.start();
			JdbcLockRegistry registry = new JdbcLockRegistry(repository);
			return new Locking() {
				@Override
				public void cycle(String objectId) {
					Lock lock = registry.obtain(objectId);
					lock.lock();
					lock.unlock();
				}

				@Override
				public void close() {
					repository.stop();
					pool.close();
				}
			};
		}
	},

	SHEDLOCK {
		@Override
		Locking on(LockTable table) {
			HikariDataSource pool = pool(table);
			execute(pool, "CREATE TABLE shedlock (name VARCHAR(64) PRIMARY KEY, lock_until TIMESTAMP(3) NOT NULL, "
					+ "locked_at TIMESTAMP(3) NOT NULL, locked_by VARCHAR(255) NOT NULL)");
			JdbcTemplateLockProvider provider = new JdbcTemplateLockProvider(
					JdbcTemplateLockProvider.Configuration.builder()
						.withJdbcTemplate(new JdbcTemplate(pool))
						.usingDbTime()
						.build());
			return new Locking() {
				@Override
				public void cycle(String objectId) {
					SimpleLock lock = provider
						.lock(new LockConfiguration(Instant.now(), objectId, Duration.ofSeconds(30), Duration.ZERO))
						.orElseThrow();
					lock.unlock();
				}

				@Override
				public void close() {
					pool.close();
				}
			};
		}
	};

	private static final int CONNECTIONS = 16;

	/**
	 * Makes it ready on a database.
	 */
	abstract Locking on(LockTable table);

	private static HikariDataSource pool(LockTable table) {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(table.dataSource());
		pool.setMaximumPoolSize(CONNECTIONS);
		return pool;
	}

	private static void execute(HikariDataSource pool, String sql) {
		try (Connection connection = pool.getConnection();
				PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.executeUpdate();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

	/**
	 * Takes a lock that is free, and gives it back.
	 */
	interface Locking extends AutoCloseable {

		void cycle(String objectId);

		@Override
		void close();

	}

}
