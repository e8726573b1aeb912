package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * The driver, as the engine sees it: here it is decided what to do when an outcome is
 * unknown. An attempt is repeated under the same owner, which is the same as looking; a
 * release is repeated too; and what cannot be settled at once is settled in the
 * background, until the lease settles it.
 */
final class Store {

	private static final Log logger = LogFactory.getLog(Store.class);

	private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

	private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

	private final LockDriver driver;

	private final EngineThreads threads;

	private volatile boolean closed;

	Store(LockDriver driver, EngineThreads threads) {
		this.driver = driver;
		this.threads = threads;
	}

	/**
	 * Takes a lock. A store that cannot be reached is asked again until the wait ends,
	 * for as long as one lease at most: a restart of the store is over by then, and a
	 * caller without bound must hear of a store that is gone.
	 */
	@Nullable Grant acquire(LockAttempt attempt, Waiting waiting) throws InterruptedException {
		Trouble trouble = new Trouble(attempt);
		try {
			while (true) {
				// After a failure without a wait, so that a store which answers again is
				// known to. The next failure, maybe hours later, is a trouble of its own.
				LockAttempt asked = trouble.present ? attempt.withoutWait() : attempt;
				try {
					Grant grant = waiting.run(() -> this.driver.acquire(asked));
					if (grant != null || attempt.waitUntil().hasPassed() || asked == attempt) {
						return grant;
					}
					trouble.present = false;
					continue;
				}
				catch (LockStoreException ex) {
					if (ex.isRefused() || this.closed || !trouble.isBearable()) {
						throw ex;
					}
					logger.debug("Trying on to take " + attempt.key(), ex);
				}
				waiting.run(() -> {
					trouble.pause();
					return Boolean.TRUE;
				});
			}
		}
		catch (RuntimeException | InterruptedException ex) {
			boolean refused = ex instanceof LockStoreException failure && failure.isRefused();
			if (!refused && (trouble.met || ex instanceof RuntimeException)) {
				undo(attempt.hold(), attempt.lease());
			}
			throw ex;
		}
	}

	/**
	 * Takes those of several locks that are free. A store that cannot be reached is asked
	 * again as for one lock, about the same owners, so that asking is looking.
	 * @param attempts at least one; all with the same lease and the same end of the wait
	 * @return the grants, in the order of the attempts; null in place of those refused
	 */
	List<@Nullable Grant> acquireFree(List<LockAttempt> attempts, Waiting waiting) throws InterruptedException {
		Trouble trouble = new Trouble(attempts.get(0));
		try {
			while (true) {
				try {
					List<@Nullable Grant> grants = this.driver.acquireFree(attempts);
					if (grants.size() != attempts.size()) {
						throw new IllegalStateException(this.driver + " was asked for " + attempts.size()
								+ " locks, but has answered " + grants.size());
					}
					return grants;
				}
				catch (LockStoreException ex) {
					if (ex.isRefused() || this.closed || !trouble.isBearable()) {
						throw ex;
					}
					logger.debug("Trying on to take " + attempts.size() + " locks", ex);
				}
				waiting.run(() -> {
					trouble.pause();
					return Boolean.TRUE;
				});
			}
		}
		catch (RuntimeException | InterruptedException ex) {
			// Also where the store has refused: maybe only one of them.
			attempts.forEach((attempt) -> undo(attempt.hold(), attempt.lease()));
			throw ex;
		}
	}

	/**
	 * Removes, in the background, whatever an attempt that failed or a hold that was lost
	 * has left in the store.
	 */
	void undo(Hold hold, Duration lease) {
		settleLater(hold, Deadline.in(lease), FIRST_PAUSE);
	}

	/**
	 * Releases.
	 * @param validUntil when the lease settles the matter by itself
	 * @return false if the store no longer had the record
	 */
	boolean release(Hold hold, Deadline validUntil) {
		return uninterrupted(() -> {
			try {
				return this.driver.release(hold);
			}
			catch (LockStoreException ex) {
				if (ex.isRefused()) {
					throw ex;
				}
				return releaseAgain(hold, validUntil, ex);
			}
		});
	}

	private boolean releaseAgain(Hold hold, Deadline validUntil, LockStoreException first) {
		try {
			// Whether the record was still there says nothing: the first request may have
			// removed it, with only the answer lost. Now it is gone in any case.
			this.driver.release(hold);
			return true;
		}
		catch (LockStoreException ex) {
			ex.addSuppressed(first);
			settleLater(hold, validUntil, FIRST_PAUSE);
			throw LockStoreException.unreachable("The store did not confirm the release of '" + hold.key().objectId()
					+ "'. It is tried on in the background, and ends with its lease " + validUntil + " at the latest.",
					ex);
		}
	}

	/**
	 * Releases several. A failure does not keep the others from being released.
	 * @param holds with the end of each one's lease
	 */
	Releases releaseAll(Map<Hold, Deadline> holds) {
		if (holds.size() < 2) {
			return releaseEach(holds);
		}
		return uninterrupted(() -> {
			try {
				Set<Hold> lost = new HashSet<>(holds.keySet());
				lost.removeAll(this.driver.releaseAll(holds.keySet()));
				return new Releases(lost, List.of());
			}
			catch (LockStoreException ex) {
				// It may refuse only one of them, and have left the others.
				return ex.isRefused() ? releaseEach(holds) : releaseAllAgain(holds, ex);
			}
		});
	}

	private Releases releaseEach(Map<Hold, Deadline> holds) {
		Releases releases = new Releases(new HashSet<>(), new ArrayList<>());
		holds.forEach((hold, validUntil) -> {
			try {
				if (!release(hold, validUntil)) {
					releases.lost.add(hold);
				}
			}
			catch (LockStoreException ex) {
				releases.unconfirmed.add(ex);
			}
		});
		return releases;
	}

	private Releases releaseAllAgain(Map<Hold, Deadline> holds, LockStoreException first) {
		try {
			// As for one: what the second answer says of them means nothing.
			this.driver.releaseAll(holds.keySet());
			return new Releases(Set.of(), List.of());
		}
		catch (LockStoreException ex) {
			ex.addSuppressed(first);
			holds.forEach((hold, validUntil) -> settleLater(hold, validUntil, FIRST_PAUSE));
			List<String> objectIds = holds.keySet().stream().map((hold) -> hold.key().objectId()).toList();
			return new Releases(Set.of(),
					List.of(LockStoreException.unreachable(
							"The store did not confirm the release of " + objectIds
									+ ". It is tried on in the background, and each ends with its lease at the latest.",
							ex)));
		}
	}

	private static <T> T uninterrupted(Supplier<T> release) {
		// A release must not fail for an interrupt that is meant for the caller's work.
		boolean interrupted = Thread.interrupted();
		try {
			return release.get();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void settleLater(Hold hold, Deadline until, long pause) {
		this.threads.toStore(() -> {
			try {
				this.driver.release(hold);
			}
			catch (LockStoreException ex) {
				if (ex.isRefused() || until.hasPassed()) {
					logger.warn("What is left of '" + hold.key().objectId() + "' ends with its lease", ex);
					return;
				}
				this.threads.later(() -> settleLater(hold, until, Math.min(pause * 2, LONGEST_PAUSE)), pause);
			}
		});
	}

	Renewal renew(Collection<Hold> holds, Duration lease) {
		return this.driver.renew(holds, lease);
	}

	/**
	 * Who holds a lock, in words, for a message about something else: so this does not
	 * fail.
	 */
	String describeHolder(LockKey key) {
		try {
			LockRecord found = this.driver.look(key);
			return (found == null) ? "nobody any more" : found.hold().owner() + ", for " + found.age().toMillis()
					+ " ms, with " + found.remaining().toMillis() + " ms of its lease left";
		}
		catch (LockStoreException ex) {
			logger.debug("Cannot tell who holds " + key, ex);
			return "another";
		}
	}

	/**
	 * Ends waiting attempts, and the driver.
	 */
	void close() {
		this.closed = true;
		this.driver.close();
	}

	/**
	 * What has come of the release of several holds, besides those that were released.
	 *
	 * @param lost those whose record the store no longer had
	 * @param unconfirmed why others may still be in the store
	 */
	record Releases(Set<Hold> lost, List<LockStoreException> unconfirmed) {
	}

	/**
	 * How long an attempt goes on although the store cannot be reached.
	 */
	private static final class Trouble {

		private final LockAttempt attempt;

		private boolean met;

		private boolean present;

		private Deadline bearableUntil = Deadline.NEVER;

		private long pause = FIRST_PAUSE;

		Trouble(LockAttempt attempt) {
			this.attempt = attempt;
		}

		boolean isBearable() {
			if (!this.present) {
				this.met = true;
				this.present = true;
				this.pause = FIRST_PAUSE;
				this.bearableUntil = Deadline.in(this.attempt.lease()).orEarlier(this.attempt.waitUntil());
			}
			return !this.bearableUntil.hasPassed();
		}

		void pause() throws InterruptedException {
			TimeUnit.NANOSECONDS.sleep(Math.min(this.pause, this.bearableUntil.remainingNanos()));
			this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
		}

	}

}
