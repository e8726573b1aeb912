package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A connection for one operation. Not every pool resets what its users set, so that is
 * done here.
 */
final class BorrowedConnection implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(BorrowedConnection.class);

	private static final int UNKNOWN = -1;

	private final DataSource dataSource;

	private final Connection connection;

	private final boolean autoCommit;

	private final int networkTimeout;

	private final StatementNames.@Nullable Lent client;

	private boolean givenUp;

	/**
	 * Prepares a connection for use.
	 * @param dataSource whose it is
	 * @param timeout for an answer, in milliseconds
	 * @param names null where PostgreSQL's client is not there
	 */
	BorrowedConnection(DataSource dataSource, Connection connection, int timeout, @Nullable StatementNames names)
			throws SQLException {
		this.dataSource = dataSource;
		this.connection = connection;
		this.autoCommit = connection.getAutoCommit();
		if (!this.autoCommit) {
			connection.setAutoCommit(true);
		}
		this.networkTimeout = limit(connection, timeout);
		this.client = (names != null) ? names.lend(connection) : null;
	}

	Connection connection() {
		return this.connection;
	}

	/**
	 * Whether it must not be used, though it may be alive.
	 */
	boolean isSpoilt() {
		return this.client != null && this.client.isSpoilt();
	}

	/**
	 * Whether an error says that the session is somebody else's.
	 */
	boolean isForeign(SQLException ex) {
		return this.client != null && this.client.isForeign(ex);
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

	void giveUp() {
		this.givenUp = true;
		LockDataSources.discard(this.dataSource, this.connection);
	}

	// What the operation has come to stands, whatever becomes of the connection.
	@Override
	public void close() {
		if (this.givenUp) {
			return;
		}
		try {
			if (!this.connection.isClosed()) {
				if (this.client != null) {
					this.client.restore();
				}
				if (this.networkTimeout != UNKNOWN) {
					this.connection.unwrap(Connection.class).setNetworkTimeout(Runnable::run, this.networkTimeout);
				}
				if (!this.autoCommit) {
					this.connection.setAutoCommit(false);
				}
			}
			this.connection.close();
		}
		catch (SQLException ex) {
			logger.debug("Gave up a connection that could not be returned", ex);
			giveUp();
		}
	}

}
