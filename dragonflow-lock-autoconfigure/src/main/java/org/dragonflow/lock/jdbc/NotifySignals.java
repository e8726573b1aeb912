package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Listens to what PostgreSQL tells of releases, on a connection of its own.
 */
final class NotifySignals extends ReleaseSignals {

	private static final Log logger = LogFactory.getLog(NotifySignals.class);

	// Nothing is sent to the server in between. After each, see whether to go on.
	private static final int LISTEN_MILLIS = 5000;

	private final LockConnections connections;

	private final String channel;

	private volatile @Nullable Connection connection;

	private int failures;

	NotifySignals(LockConnections connections, String channel) {
		this(connections, channel, LockThreads.named("listener"));
	}

	NotifySignals(LockConnections connections, String channel, ThreadFactory threads) {
		super(threads);
		this.connections = connections;
		this.channel = channel;
	}

	@Override
	Waiter register(String name) {
		Waiter waiter = super.register(name);
		// Between the attempt that has failed and now, the release may have been told.
		waiter.wake();
		return waiter;
	}

	@Override
	void released(String name) {
		// The database tells it to this driver too, if somebody waits.
	}

	@Override
	void round() {
		try {
			Connection listening = this.connection;
			if (listening == null) {
				listening = listen();
				// What was told before, nobody has heard.
				wakeAll();
			}
			if (isClosed()) {
				return;
			}
			PGNotification[] heard = listening.unwrap(PGConnection.class).getNotifications(LISTEN_MILLIS);
			if (heard != null && heard.length > 0) {
				wake(Arrays.stream(heard).map(PGNotification::getParameter).toList());
			}
			this.failures = 0;
		}
		catch (SQLException ex) {
			ended();
			if (!isClosed()) {
				recover(ex);
			}
		}
		catch (RuntimeException | Error ex) {
			// It may not have come to listen at all.
			ended();
			throw ex;
		}
	}

	private Connection listen() throws SQLException {
		Connection opened = this.connections.open();
		this.connection = opened;
		opened.setAutoCommit(true);
		try (Statement statement = opened.createStatement()) {
			statement.execute("LISTEN " + this.channel);
		}
		return opened;
	}

	private void recover(SQLException ex) {
		if (this.failures++ == 0) {
			logger.warn("Lost the connection that listens for released locks; opening another", ex);
		}
		pause(ThreadLocalRandom.current().nextLong(TimeUnit.MILLISECONDS.toNanos(50L << Math.min(this.failures, 4))));
		// As long as nobody is told of releases, everybody has to look.
		wakeAll();
	}

	@Override
	void ended() {
		Connection ending = this.connection;
		this.connection = null;
		if (ending != null) {
			try (Connection closing = ending; Statement statement = closing.createStatement()) {
				// A pool may give it to somebody else, or learns by this that it is dead.
				statement.execute("UNLISTEN *");
			}
			catch (SQLException ex) {
				logger.debug("The connection that listened for released locks was broken", ex);
			}
		}
	}

	@Override
	public void close() {
		super.close();
		Connection listening = this.connection;
		if (listening != null) {
			try {
				// The thread is blocked in reading from it.
				listening.abort(Runnable::run);
			}
			catch (SQLException ex) {
				logger.debug("The connection that listened for released locks was broken", ex);
			}
		}
	}

}
