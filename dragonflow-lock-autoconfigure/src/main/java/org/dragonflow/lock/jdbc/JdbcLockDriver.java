package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import javax.sql.DataSource;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.jdbc.LockConnections.Operation;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.LockThreads;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Keeps locks as rows of a table. Every operation is one statement, or two where the
 * database is spoken to in the portable way, in autocommit on a connection of its own.
 * All times are the database's.
 */
public final class JdbcLockDriver implements LockDriver {

	// Where the database did not say how long the holder's lease lasts.
	private static final Duration UNKNOWN_REMAINING = Duration.ofMillis(10);

	// What it costs that a release was told to nobody, for no reason that anybody sees.
	private static final Duration LONGEST_BLIND_WAIT = Duration.ofSeconds(10);

	private final LockDataSources dataSources;

	private final LockConnections connections;

	private final Dialect dialect;

	private final ReleaseSignals signals;

	private final Sweeper sweeper;

	/**
	 * A driver that uses a DataSource as it is. Its connections should be for locks
	 * alone; on PostgreSQL one of them is kept for as long as somebody waits.
	 * @param dataSource where the table is; not closed with the driver
	 * @param settings the settings
	 * @throws LockStoreException if the database cannot be reached, or the table cannot
	 * be used
	 */
	public JdbcLockDriver(DataSource dataSource, JdbcLockSettings settings) {
		this(LockDataSources.given(dataSource), settings);
	}

	private JdbcLockDriver(LockDataSources dataSources, JdbcLockSettings settings) {
		this.dataSources = dataSources;
		this.connections = new LockConnections(dataSources.dataSource(), settings);
		this.dialect = this.connections.call("find out which database it is", (ex) -> false,
				(connection) -> Dialects.of(connection, settings));
		Sweep sweep = this.dialect.sweep();
		// Also tells at start whether the table is there, and as it should be.
		boolean more = ask("read the lock table", (connection) -> {
			Dialects.check(connection, settings, this.dialect.columns());
			return sweep.some(connection, settings.keepReleased());
		});
		if (this.dialect instanceof PortableDialect portable) {
			new PortableTrial(this.connections, portable).run();
		}
		this.sweeper = new Sweeper(
				() -> ask("remove released locks", (connection) -> sweep.some(connection, settings.keepReleased())),
				settings.keepReleased(), LockThreads.named("sweeper"));
		this.signals = this.dialect.signals(this.connections, dataSources.isShared());
		this.sweeper.begin(more);
	}

	/**
	 * A driver for the database of an application, with a small pool of connections of
	 * its own, so that neither can take the other's last connection. Where such a pool
	 * cannot be made, the driver uses the application's DataSource, and says so in the
	 * log.
	 * @param dataSource the application's; not closed with the driver
	 * @param settings the settings
	 * @param connections how many connections the pool has at most for statements; on
	 * PostgreSQL there is one more, for as long as somebody waits
	 * @return the driver
	 * @throws IllegalArgumentException if the number of connections is not positive
	 * @throws LockStoreException if the database cannot be reached, or the table cannot
	 * be used
	 */
	public static JdbcLockDriver beside(DataSource dataSource, JdbcLockSettings settings, int connections) {
		if (connections < 1) {
			throw new IllegalArgumentException(
					"The lock driver needs one connection at least, but may have " + connections);
		}
		LockDataSources dataSources = LockDataSources.derived(dataSource, settings.timeout(), connections);
		try {
			return new JdbcLockDriver(dataSources, settings);
		}
		catch (RuntimeException ex) {
			dataSources.close();
			throw ex;
		}
	}

	/**
	 * Refuses a DataSource that chooses a database for each thread or transaction, before
	 * anything is done with it.
	 * @param dataSource what the driver would be made with
	 * @throws LockStoreException if the driver would refuse it
	 */
	public static void check(DataSource dataSource) {
		LockDataSources.refuseRouting(dataSource);
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		long begun = System.nanoTime();
		boolean waits = !attempt.waitUntil().hasPassed();
		Outcome outcome = attempt(attempt, false, begun);
		if (outcome.grant != null || !waits) {
			return outcome.grant;
		}
		// From here on the waiter is told of a release, so the looks that follow miss
		// none.
		try (Waiter waiter = this.signals.register(attempt.hold())) {
			while (true) {
				Deadline next = outcome.holderEnds.orEarlier(attempt.waitUntil())
					.orEarlier(Deadline.in(LONGEST_BLIND_WAIT));
				if (!waiter.await(next.remainingNanos()) && attempt.waitUntil().hasPassed()) {
					this.signals.gaveUp(attempt.hold());
					return null;
				}
				outcome = attempt(attempt, true, begun);
				if (outcome.grant != null) {
					return outcome.grant;
				}
			}
		}
		catch (InterruptedException ex) {
			this.signals.gaveUp(attempt.hold());
			throw ex;
		}
	}

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		Map<LockKey, Grant> grants = new HashMap<>();
		Map<Hold, LockStoreException> unknown = Chunks.each(attempts, LockAttempt::hold, Dialect.CHUNK,
				(chunk) -> grants.putAll(ask("lock " + chunk.size() + " keys", (connection) -> {
					long sent = System.nanoTime();
					Map<String, Long> tokens = this.dialect.acquireFree(connection, chunk);
					Map<LockKey, Grant> granted = new HashMap<>();
					for (LockAttempt attempt : chunk) {
						Long token = tokens.get(attempt.key().name());
						if (token != null) {
							granted.put(attempt.key(), new Grant(token, Deadline.ofLease(sent, attempt.lease())));
						}
					}
					return granted;
				})));
		List<@Nullable Grant> inOrder = new ArrayList<>(attempts.size());
		attempts.forEach((attempt) -> inOrder.add(grants.get(attempt.key())));
		return PartialAnswerException.unlessUnknown(inOrder, unknown);
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Map<Hold, Deadline> renewed = new HashMap<>();
		Set<Hold> lost = new HashSet<>();
		Set<Hold> revoked = new HashSet<>();
		Map<Hold, LockStoreException> unknown = Chunks.each(holds, Function.identity(), this.dialect.renewedAtOnce(),
				(chunk) -> {
					Renewal part = ask("renew locks", (connection) -> {
						long sent = System.nanoTime();
						Renewed answer = this.dialect.renew(connection, chunk, lease);
						Set<Hold> missing = new HashSet<>(chunk);
						missing.removeAll(answer.holds());
						return Renewal.of(chunk, Deadline.ofLease(sent, lease), missing, answer.revoked());
					});
					renewed.putAll(part.renewed());
					lost.addAll(part.lost());
					revoked.addAll(part.revocations());
				});
		return new Renewal(renewed, lost, unknown, revoked);
	}

	@Override
	public boolean release(Hold hold) {
		boolean released = ask("release " + hold.key(), (connection) -> this.dialect.release(connection, hold));
		this.signals.released(hold.key().name());
		this.sweeper.released();
		return released;
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		Set<Hold> released = new HashSet<>();
		Map<Hold, LockStoreException> unknown = Chunks.each(holds, Function.identity(), Dialect.CHUNK, (chunk) -> {
			released.addAll(ask("release " + chunk.size() + " keys",
					(connection) -> this.dialect.releaseAll(connection, chunk)));
			chunk.forEach((hold) -> this.signals.released(hold.key().name()));
		});
		this.sweeper.released();
		return PartialAnswerException.unlessUnknown(released, unknown);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		return ask("look at " + key, (connection) -> new Look(this.dialect.look(connection, key))).lockRecord;
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return ask("ask for the release of " + hold.key(),
				(connection) -> this.dialect.requestRevocation(connection, hold));
	}

	@Override
	public void close() {
		this.sweeper.close();
		this.signals.close();
		this.dataSources.close();
	}

	private Outcome attempt(LockAttempt attempt, boolean hadToWait, long begun) {
		return ask("lock " + attempt.key(), (connection) -> {
			long sent = System.nanoTime();
			Answer answer = this.dialect.acquire(connection, attempt, hadToWait, Duration.ofNanos(sent - begun));
			if (answer.token() != null) {
				return new Outcome(new Grant(answer.token(), Deadline.ofLease(sent, attempt.lease())), Deadline.NEVER);
			}
			Duration remaining = (answer.holderRemaining() != null) ? answer.holderRemaining() : UNKNOWN_REMAINING;
			// A moment more, for the lease has to be over when we look.
			return new Outcome(null, Deadline.in(remaining.plusMillis(1)));
		});
	}

	private <T> T ask(String action, Operation<T> operation) {
		return this.connections.call(action, this.dialect::isCollision, operation);
	}

	/**
	 * What an attempt has led to.
	 */
	private record Outcome(@Nullable Grant grant, Deadline holderEnds) {
	}

	/**
	 * What a look has found.
	 */
	private record Look(@Nullable LockRecord lockRecord) {
	}

}
