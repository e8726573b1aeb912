package org.dragonflow.lock.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

/**
 * Listens to what PostgreSQL tells of releases, on a connection of its own. As long as it
 * is not sure to hear, it polls.
 */
final class NotifySignals extends PollingSignals {

	private static final Log logger = LogFactory.getLog(NotifySignals.class);

	// While somebody waits and nothing is heard for so long, the connection is tried.
	private static final int LISTEN_MILLIS = 1000;

	private static final int LONGEST_UNPROVEN_MILLIS = 50;

	private static final int DEAF_SESSIONS_OF_A_POOLER = 2;

	private final LockConnections connections;

	private final String channel;

	private volatile @Nullable ListeningSession session;

	private Deadline nextTry = Deadline.in(Duration.ZERO);

	private int failures;

	private int deafSessions;

	NotifySignals(LockConnections connections, String channel, Function<List<String>, Set<String>> held,
			Duration pollInterval) {
		this(connections, channel, held, pollInterval, LockThreads.named("listener"));
	}

	NotifySignals(LockConnections connections, String channel, Function<List<String>, Set<String>> held,
			Duration pollInterval, ThreadFactory threads) {
		super(held, pollInterval, threads);
		this.connections = connections;
		this.channel = channel;
	}

	@Override
	Waiter register(Hold hold) {
		Waiter waiter = super.register(hold);
		// Between the attempt that has failed and now, the release may have been told.
		waiter.wake();
		return waiter;
	}

	@Override
	void released(String name) {
		ListeningSession listening = this.session;
		// The database tells it to this driver too, if somebody waits.
		if (listening == null || !listening.hears()) {
			super.released(name);
		}
	}

	@Override
	void round() {
		if (!this.nextTry.hasPassed()) {
			pauseUntilDue(this.nextTry.remainingNanos());
			poll();
			return;
		}
		try {
			ListeningSession listening = this.session;
			if (listening == null) {
				listening = listen();
			}
			if (!isClosed()) {
				hear(listening);
			}
		}
		catch (SQLException | LockStoreException ex) {
			discard();
			if (!isClosed()) {
				lost(ex);
			}
		}
		catch (RuntimeException | Error ex) {
			// It may not have come to listen at all.
			discard();
			throw ex;
		}
	}

	private ListeningSession listen() throws SQLException {
		ListeningSession opened = ListeningSession.open(this.connections, this.channel);
		this.session = opened;
		opened.listen();
		return opened;
	}

	private void hear(ListeningSession listening) throws SQLException {
		if (!listening.hears()) {
			long untilDue = TimeUnit.NANOSECONDS.toMillis(waiters().nanosToNextLook(Long.MAX_VALUE));
			wake(listening.hear((int) Math.min(Math.max(untilDue, 1), LONGEST_UNPROVEN_MILLIS)));
			if (listening.hears()) {
				this.failures = 0;
				this.deafSessions = 0;
				// What was told before, nobody has heard.
				wakeAll();
				return;
			}
			poll();
			if (listening.isDeaf()) {
				listening.checkAlive();
				deaf();
			}
			return;
		}
		List<String> heard = listening.hear(LISTEN_MILLIS);
		wake(heard);
		if (heard.isEmpty() && waiters().idleNanos() == 0) {
			listening.checkAlive();
		}
	}

	private void lost(Exception ex) {
		if (isNews()) {
			logger.warn("Lost the connection that listens for released locks. The driver opens another, and polls in "
					+ "the meantime; it says no more of that until it has gone well for a while: " + ex.getMessage());
		}
		logger.debug("Lost the connection that listens for released locks", ex);
		this.failures++;
		long longest = 50L << Math.min(this.failures, 4);
		this.nextTry = Deadline.in(Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest)));
	}

	/**
	 * The session has answered, but has not heard what was sent to it.
	 */
	private void deaf() {
		ended();
		if (++this.deafSessions == DEAF_SESSIONS_OF_A_POOLER) {
			this.nextTry = Deadline.NEVER;
			this.connections.sessionsAreForeign();
			logger.warn("PostgreSQL's notifications do not reach the lock driver, as it is behind a pooler that gives "
					+ "each transaction another session, so it polls for released locks, as often as "
					+ "'dragonflow.lock.jdbc.poll-interval' says. To let it be told of them, mark a DataSource bean "
					+ "that bypasses the pooler with @LockDataSource.");
		}
	}

	private void discard() {
		ListeningSession broken = this.session;
		this.session = null;
		if (broken != null) {
			broken.discard();
		}
	}

	@Override
	void ended() {
		ListeningSession ending = this.session;
		this.session = null;
		if (ending != null) {
			ending.close();
		}
	}

	@Override
	public void close() {
		super.close();
		ListeningSession listening = this.session;
		if (listening != null) {
			// The thread is blocked in reading from it.
			listening.abort();
		}
	}

}
