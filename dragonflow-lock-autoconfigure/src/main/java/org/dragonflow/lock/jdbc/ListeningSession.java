package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A session of PostgreSQL that listens on a channel, and can tell whether it hears. At
 * first it has to hear what another session sends to it: behind a pooler that gives each
 * transaction another session, it does not. From then on it is enough that the connection
 * is alive, which a firewall that has forgotten it tells to nobody who does not ask.
 */
final class ListeningSession {

	private static final Log logger = LogFactory.getLog(ListeningSession.class);

	private static final int PATIENCE_MILLIS = 2000;

	private final LockConnections connections;

	private final String channel;

	private final Connection connection;

	// A channel of its own. What listens on the other one in a session that is not this
	// one's would go to whoever has that next, for as long as the pooler keeps it.
	private final String probe = "dragonflow_lock_" + UUID.randomUUID().toString().replace('-', '_');

	private long probed;

	private volatile boolean hears;

	private ListeningSession(LockConnections connections, String channel) throws SQLException {
		this.connections = connections;
		this.channel = channel;
		this.connection = connections.open();
	}

	/**
	 * Opens a session, which does not listen yet.
	 */
	static ListeningSession open(LockConnections connections, String channel) throws SQLException {
		return new ListeningSession(connections, channel);
	}

	/**
	 * Begins to find out whether this session hears what another one sends to it. If it
	 * does, it listens.
	 * @throws LockStoreException if that could not be sent
	 */
	void listen() throws SQLException {
		this.connection.setAutoCommit(true);
		client().setNetworkTimeout(Runnable::run, Math.min(client().getNetworkTimeout(), PATIENCE_MILLIS));
		execute("LISTEN " + this.probe);
		this.connections.call("find out whether it hears of released locks", (ex) -> false,
				(other) -> Statements.strings(other, "SELECT pg_notify(?, '')", this.probe));
		this.probed = System.nanoTime();
	}

	/**
	 * Waits until something is told.
	 * @return the names of released keys, empty if nothing is told in time
	 */
	List<String> hear(int millis) throws SQLException {
		PGNotification @Nullable [] heard = client().unwrap(PGConnection.class).getNotifications(millis);
		List<String> names = new ArrayList<>();
		if (heard != null) {
			for (PGNotification notification : heard) {
				if (notification.getName().equals(this.channel)) {
					names.add(notification.getParameter());
				}
				else if (notification.getName().equals(this.probe)) {
					execute("LISTEN " + this.channel);
					this.hears = true;
				}
			}
		}
		return names;
	}

	/**
	 * Whether it is proven that it hears.
	 */
	boolean hears() {
		return this.hears;
	}

	/**
	 * Whether the proof that it hears is overdue.
	 */
	boolean isDeaf() {
		return !this.hears && System.nanoTime() - this.probed > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
	}

	/**
	 * Sends something that changes nothing where it listens already.
	 * @throws SQLException if there is no answer in time
	 */
	void checkAlive() throws SQLException {
		execute("LISTEN " + (this.hears ? this.channel : this.probe));
	}

	/**
	 * Gives the connection back. A pool may lend it to somebody else.
	 */
	void close() {
		try {
			execute("UNLISTEN *");
			this.connection.close();
		}
		catch (SQLException ex) {
			logger.debug("The connection that listened for released locks was broken", ex);
			discard();
		}
	}

	void discard() {
		this.connections.discard(this.connection);
	}

	/**
	 * Lets whoever waits for an answer wait no longer.
	 */
	void abort() {
		try {
			this.connection.abort(Runnable::run);
		}
		catch (SQLException ex) {
			logger.debug("The connection that listened for released locks was broken", ex);
		}
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = client().createStatement()) {
			statement.execute(sql);
		}
	}

	// Past the pool, which would tell the log of each broken connection at length.
	private Connection client() throws SQLException {
		return this.connection.unwrap(Connection.class);
	}

}
