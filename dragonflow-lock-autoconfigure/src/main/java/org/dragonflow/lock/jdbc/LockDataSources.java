package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.ProxyConnection;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.util.ClassUtils;

/**
 * Where the driver's connections come from.
 */
final class LockDataSources implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(LockDataSources.class);

	private static final boolean HIKARI_PRESENT = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			LockDataSources.class.getClassLoader());

	private final DataSource dataSource;

	private final boolean shared;

	private final boolean own;

	private LockDataSources(DataSource dataSource, boolean shared, boolean own) {
		this.dataSource = dataSource;
		this.shared = shared;
		this.own = own;
	}

	/**
	 * A DataSource for locks alone.
	 */
	static LockDataSources given(DataSource dataSource) {
		return new LockDataSources(outsideTransactions(dataSource), false, false);
	}

	/**
	 * A small pool beside the application's, or that one itself where there is no way.
	 */
	static LockDataSources derived(DataSource application, Duration timeout, int connections) {
		DataSource target = outsideTransactions(application);
		String reason;
		if (!HIKARI_PRESENT) {
			reason = "com.zaxxer:HikariCP is not on the class path";
		}
		else {
			try {
				HikariConfig config = Pool.config(target, timeout, connections);
				if (!Pool.isPrivate(config.getJdbcUrl())) {
					return new LockDataSources(new HikariDataSource(config), false, true);
				}
				reason = "nobody else can connect to the unnamed database '" + config.getJdbcUrl() + "'";
			}
			catch (RuntimeException ex) {
				reason = ex.toString();
			}
		}
		logger.warn("The jdbc lock driver shares the application's DataSource, whose connections may run out while "
				+ "threads wait for a lock in a transaction, for it cannot have a pool beside it: " + reason
				+ ". To give it one, mark a DataSource bean with @LockDataSource.");
		return new LockDataSources(target, true, false);
	}

	DataSource dataSource() {
		return this.dataSource;
	}

	/**
	 * Whether the application's own work takes connections from here too.
	 */
	boolean isShared() {
		return this.shared;
	}

	@Override
	public void close() {
		if (this.own) {
			Pool.close(this.dataSource);
		}
	}

	/**
	 * Gives up a connection that is dead, so that its pool lends it to nobody.
	 */
	static void discard(DataSource dataSource, Connection connection) {
		try {
			if (HIKARI_PRESENT && Pool.evict(dataSource, connection)) {
				return;
			}
			try (connection) {
				Connection client = connection.unwrap(Connection.class);
				if (client != connection) {
					client.close();
				}
				else {
					connection.abort(Runnable::run);
				}
			}
		}
		catch (SQLException ex) {
			logger.debug("Gave up a connection that was broken", ex);
		}
	}

	// The lock's statements never join the caller's transaction.
	private static DataSource outsideTransactions(DataSource dataSource) {
		DataSource result = dataSource;
		while (result instanceof TransactionAwareDataSourceProxy proxy) {
			@Nullable DataSource target = proxy.getTargetDataSource();
			if (target == null) {
				break;
			}
			result = target;
		}
		return result;
	}

	/**
	 * Apart, because it needs a library that may be missing.
	 */
	private static final class Pool {

		static HikariConfig config(DataSource application, Duration timeout, int connections) {
			HikariDataSource pool = DataSourceUnwrapper.unwrap(application, HikariConfig.class, HikariDataSource.class);
			HikariConfig config = new HikariConfig();
			if (pool != null) {
				// More than the URL and the user decides which tables are seen.
				pool.copyStateTo(config);
				config.setMetricRegistry(null);
				config.setMetricsTrackerFactory(null);
				config.setHealthCheckRegistry(null);
				config.setScheduledExecutor(null);
				config.setRegisterMbeans(false);
			}
			else {
				HikariDataSource derived = DataSourceBuilder.derivedFrom(application)
					.type(HikariDataSource.class)
					.build();
				derived.copyStateTo(config);
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

}
