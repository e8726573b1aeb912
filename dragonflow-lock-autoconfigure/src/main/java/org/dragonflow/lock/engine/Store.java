package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

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
 * The driver, as the engine sees it: here it is decided what to do when the outcome of an
 * attempt is unknown. It is repeated under the same owner, which is the same as looking.
 * {@link Releaser} does so for releases.
 */
final class Store {

	private static final Log logger = LogFactory.getLog(Store.class);

	private final LockDriver driver;

	private final Releaser releaser;

	private volatile boolean closed;

	Store(LockDriver driver, Releaser releaser) {
		this.driver = driver;
		this.releaser = releaser;
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
				this.releaser.undo(attempt.hold(), attempt.lease());
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
			attempts.forEach((attempt) -> this.releaser.undo(attempt.hold(), attempt.lease()));
			throw ex;
		}
	}

	Renewal renew(Collection<Hold> holds, Duration lease) {
		return this.driver.renew(holds, lease);
	}

	@Nullable LockRecord look(LockKey key) {
		return this.driver.look(key);
	}

	boolean breakHold(Hold hold) {
		return this.driver.breakHold(hold);
	}

	/**
	 * Asks whoever holds a lock to release it.
	 * @return whether somebody does
	 */
	boolean requestRevocation(LockKey key) {
		LockRecord found = this.driver.look(key);
		return found != null && this.driver.requestRevocation(found.hold());
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
		catch (RuntimeException ex) {
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
	 * How long an attempt goes on although the store cannot be reached.
	 */
	private static final class Trouble {

		private final LockAttempt attempt;

		private boolean met;

		private boolean present;

		private Deadline bearableUntil = Deadline.NEVER;

		private long pause = Releaser.FIRST_PAUSE;

		Trouble(LockAttempt attempt) {
			this.attempt = attempt;
		}

		boolean isBearable() {
			if (!this.present) {
				this.met = true;
				this.present = true;
				this.pause = Releaser.FIRST_PAUSE;
				this.bearableUntil = Deadline.in(this.attempt.lease()).orEarlier(this.attempt.waitUntil());
			}
			return !this.bearableUntil.hasPassed();
		}

		void pause() throws InterruptedException {
			TimeUnit.NANOSECONDS.sleep(Math.min(this.pause, this.bearableUntil.remainingNanos()));
			this.pause = Math.min(this.pause * 2, Releaser.LONGEST_PAUSE);
		}

	}

}
