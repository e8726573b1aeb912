package org.dragonflow.lock.jdbc;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.IntroductionAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
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
		refuseRouting(dataSource);
		return new LockDataSources(lookThrough(dataSource), false, false);
	}

	/**
	 * A small pool beside the application's, or that one itself where there is no way.
	 */
	static LockDataSources derived(DataSource application, Duration timeout, int connections) {
		refuseRouting(application);
		DataSource target = lookThrough(application);
		String reason;
		if (!HIKARI_PRESENT) {
			reason = "com.zaxxer:HikariCP is not on the class path";
		}
		else if (!canBeCopied(target)) {
			reason = target.getClass().getName() + " may do something to each connection, such as to set its schema";
		}
		else {
			try {
				HikariConfig config = LockPool.config(target, timeout, connections);
				if (!LockPool.isPrivate(config.getJdbcUrl())) {
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
			LockPool.close(this.dataSource);
		}
	}

	/**
	 * Gives up a connection that is dead, so that its pool lends it to nobody.
	 */
	static void discard(DataSource dataSource, Connection connection) {
		try {
			if (HIKARI_PRESENT && LockPool.evict(dataSource, connection)) {
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

	/**
	 * Refuses a DataSource that may lead two threads to two databases.
	 */
	static void refuseRouting(DataSource dataSource) {
		@Nullable DataSource next = dataSource;
		while (next != null) {
			if (next instanceof AbstractRoutingDataSource) {
				throw LockStoreException.refused("The jdbc lock driver cannot use " + next.getClass().getName()
						+ ", which chooses a database for each thread or transaction: locks are taken by the threads of"
						+ " the application, but renewed and settled by those of the library, which would look for"
						+ " them somewhere else. Mark the DataSource of one database with @LockDataSource.", null);
			}
			next = (next instanceof DelegatingDataSource proxy) ? proxy.getTargetDataSource()
					: (AopProxyUtils.getSingletonTarget(next) instanceof DataSource target) ? target : null;
		}
	}

	/**
	 * Looks through what does nothing to a connection but for the caller's transaction,
	 * which the lock's statements never join. Not through what may choose a schema, a
	 * role or a tenant.
	 */
	private static DataSource lookThrough(DataSource dataSource) {
		DataSource result = dataSource;
		for (DataSource next = behind(result); next != null; next = behind(next)) {
			result = next;
		}
		return result;
	}

	private static @Nullable DataSource behind(DataSource dataSource) {
		if (dataSource instanceof Advised proxy) {
			return (doesNothing(proxy) && AopProxyUtils.getSingletonTarget(proxy) instanceof DataSource target) ? target
					: null;
		}
		boolean harmless = dataSource instanceof TransactionAwareDataSourceProxy
				|| dataSource.getClass() == DelegatingDataSource.class
				|| dataSource.getClass() == LazyConnectionDataSourceProxy.class;
		return (harmless && dataSource instanceof DelegatingDataSource proxy) ? proxy.getTargetDataSource() : null;
	}

	// As the proxy of a scoped bean, which has a second interface and no advice.
	private static boolean doesNothing(Advised proxy) {
		return Arrays.stream(proxy.getAdvisors()).allMatch(IntroductionAdvisor.class::isInstance);
	}

	// A wrapper, or a subclass that overrides how its superclass connects, cannot be had
	// a second time, with a pool of our own in it.
	private static boolean canBeCopied(DataSource dataSource) {
		if (dataSource instanceof Advised proxy) {
			return doesNothing(proxy);
		}
		if (dataSource instanceof DelegatingDataSource) {
			return false;
		}
		if (!(dataSource instanceof EmbeddedDatabase) && DataSourceUnwrapper.unwrapRoot(dataSource) != dataSource) {
			return false;
		}
		Method connect = ClassUtils.getMethodIfAvailable(dataSource.getClass(), "getConnection");
		Class<?> above = (connect != null) ? connect.getDeclaringClass().getSuperclass() : null;
		Method overridden = (above != null) ? ClassUtils.getMethodIfAvailable(above, "getConnection") : null;
		return overridden == null || Modifier.isAbstract(overridden.getModifiers());
	}

}
