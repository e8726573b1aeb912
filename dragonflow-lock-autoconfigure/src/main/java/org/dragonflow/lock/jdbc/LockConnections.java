package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.function.Predicate;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.ProxyConnection;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;

import org.springframework.util.ClassUtils;

/**
 * Lends connections for one operation each: in autocommit, outside any transaction of the
 * caller, and with an end to every wait for an answer.
 */
final class LockConnections {

	private static final Log logger = LogFactory.getLog(LockConnections.class);

	private final DataSource dataSource;

	private final String table;

	private final Duration timeout;

	LockConnections(DataSource dataSource, JdbcLockSettings settings) {
		this.dataSource = dataSource;
		this.table = settings.table();
		this.timeout = settings.timeout();
	}

	/**
	 * Runs an operation.
	 * @param action what it does, for an error's message
	 * @param isCollision which errors mean that it had no effect and can be repeated
	 * @param operation what to run; it may run several times
	 * @throws LockStoreException if it failed, of either kind
	 */
	<T> T call(String action, Predicate<SQLException> isCollision, Operation<T> operation) {
		// A statement cannot be interrupted halfway, and some drivers break if one tries:
		// H2 closes its file. The flag is for the waits between statements.
		boolean interrupted = Thread.interrupted();
		Deadline end = Deadline.in(this.timeout);
		try {
			while (true) {
				try (Borrowed borrowed = borrow()) {
					return operation.on(borrowed.connection);
				}
				catch (InterruptedBorrowException ex) {
					interrupted = true;
				}
				catch (SQLException ex) {
					if (!isCollision.test(ex) || end.hasPassed()) {
						throw StoreErrors.translate(action, ex, this.table);
					}
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * A connection to keep for a while, for the caller to close. There is an end to every
	 * wait for an answer on it, too.
	 */
	Connection open() throws SQLException {
		Connection connection = this.dataSource.getConnection();
		try {
			Borrowed.limit(connection, Math.toIntExact(this.timeout.toMillis()));
			return connection;
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

	/**
	 * Closes a connection that was {@link #open opened} and is broken. A pool must not
	 * lend it again, nor find that out by itself and tell the log at length.
	 */
	void discard(Connection connection) {
		try {
			if (connection.isWrapperFor(Connection.class)) {
				connection.unwrap(Connection.class).abort(Runnable::run);
			}
			if (!ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", LockConnections.class.getClassLoader())
					|| !Hikari.evict(this.dataSource, connection)) {
				connection.close();
			}
		}
		catch (SQLException ex) {
			logger.debug("Could not close a broken connection", ex);
		}
	}

	private Borrowed borrow() throws SQLException, InterruptedBorrowException {
		Connection connection;
		try {
			connection = this.dataSource.getConnection();
		}
		catch (SQLException ex) {
			if (Thread.interrupted()) {
				throw new InterruptedBorrowException(ex);
			}
			throw ex;
		}
		try {
			return new Borrowed(connection, Math.toIntExact(this.timeout.toMillis()));
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

	/**
	 * Apart, because it needs a library that may be missing.
	 */
	private static final class Hikari {

		// A pool that is closed does it by itself.
		static boolean evict(DataSource dataSource, Connection connection) throws SQLException {
			boolean lent = connection instanceof ProxyConnection && dataSource.isWrapperFor(HikariDataSource.class);
			if (lent) {
				dataSource.unwrap(HikariDataSource.class).evictConnection(connection);
			}
			return lent;
		}

	}

	/**
	 * What to do with a connection.
	 */
	interface Operation<T> {

		T on(Connection connection) throws SQLException;

	}

	/**
	 * Whoever was interrupted while waiting for a connection has sent nothing yet.
	 */
	private static final class InterruptedBorrowException extends Exception {

		InterruptedBorrowException(SQLException cause) {
			super(cause);
		}

	}

	/**
	 * Not every pool resets what its users set, so that is done here.
	 */
	private static final class Borrowed implements AutoCloseable {

		private static final int UNKNOWN = -1;

		private final Connection connection;

		private final boolean autoCommit;

		private final int networkTimeout;

		Borrowed(Connection connection, int timeout) throws SQLException {
			this.connection = connection;
			this.autoCommit = connection.getAutoCommit();
			if (!this.autoCommit) {
				connection.setAutoCommit(true);
			}
			this.networkTimeout = limit(connection, timeout);
		}

		// The timeout is the client's own. A query timeout would be the server's, which
		// may be what does not answer. It is set behind the pool's back, because HikariCP
		// gives a connection up that knows no timeout (Derby's, HSQLDB's).
		private static int limit(Connection connection, int timeout) throws SQLException {
			Connection client = connection.unwrap(Connection.class);
			try {
				int before = client.getNetworkTimeout();
				client.setNetworkTimeout(Runnable::run, timeout);
				return before;
			}
			catch (SQLFeatureNotSupportedException ex) {
				return UNKNOWN;
			}
		}

		@Override
		public void close() throws SQLException {
			try (Connection closing = this.connection) {
				if (closing.isClosed()) {
					return;
				}
				if (this.networkTimeout != UNKNOWN) {
					closing.unwrap(Connection.class).setNetworkTimeout(Runnable::run, this.networkTimeout);
				}
				if (!this.autoCommit) {
					closing.setAutoCommit(false);
				}
			}
		}

	}

}
