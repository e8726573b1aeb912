package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.ProxyConnection;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.DataSourceBuilder;

/**
 * What {@link LockDataSources} does with HikariCP: apart, because the library may be
 * missing.
 */
final class LockPool {

	private LockPool() {
	}

	static HikariConfig config(DataSource application, Duration timeout, int connections) {
		Supplier<HikariDataSource> source = (application instanceof HikariDataSource pool) ? () -> pool
				: () -> DataSourceBuilder.derivedFrom(application).type(HikariDataSource.class).build();
		HikariConfig config = new HikariConfig();
		// More than the URL and the user decides which tables are seen.
		HikariDataSource now = source.get();
		now.copyStateTo(config);
		config.setJdbcUrl(now.getJdbcUrl());
		config.setMetricRegistry(null);
		config.setMetricsTrackerFactory(null);
		config.setHealthCheckRegistry(null);
		config.setScheduledExecutor(null);
		config.setRegisterMbeans(false);
		if (config.getCredentialsProvider() == null) {
			// They may be made anew for each connection, or changed at run time.
			config.setCredentialsProvider(() -> source.get().getCredentials());
		}
		config.setPoolName("dragonflow-lock");
		// It makes threads whenever a caller wants a connection.
		config.setThreadFactory(LockThreads.named("pool"));
		config.setAutoCommit(true);
		config.setReadOnly(false);
		config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
		// One more, which is kept to listen.
		config.setMaximumPoolSize(connections + 1);
		config.setMinimumIdle(1);
		config.setConnectionTimeout(Math.max(250, timeout.toMillis()));
		config.setValidationTimeout(Math.max(250, timeout.toMillis()));
		config.setInitializationFailTimeout(-1);
		config.setLeakDetectionThreshold(0);
		return config;
	}

	// Each connection has a database of its own.
	static boolean isPrivate(@Nullable String url) {
		return url != null && (url.equals("jdbc:h2:mem:") || url.startsWith("jdbc:h2:mem:;"));
	}

	static boolean evict(DataSource dataSource, Connection connection) throws SQLException {
		if (!dataSource.isWrapperFor(HikariDataSource.class)) {
			return false;
		}
		HikariDataSource pool = dataSource.unwrap(HikariDataSource.class);
		if (connection instanceof ProxyConnection) {
			pool.evictConnection(connection);
			return true;
		}
		HikariPoolMXBean connections = pool.getHikariPoolMXBean();
		if (connections != null) {
			// It is wrapped. All are marked, and it is closed when it is returned.
			connections.softEvictConnections();
		}
		return false;
	}

	static void close(DataSource pool) {
		((HikariDataSource) pool).close();
	}

}
