package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockDriver;

/**
 * Takes holds out of the store. A release whose outcome is unknown is repeated once, and
 * then in the background, until it is confirmed or the lease has settled the matter.
 */
final class Releaser {

	static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

	static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

	private static final Log logger = LogFactory.getLog(Releaser.class);

	private final LockDriver driver;

	private final EngineThreads threads;

	private volatile boolean finishing;

	Releaser(LockDriver driver, EngineThreads threads) {
		this.driver = driver;
		this.threads = threads;
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
				return inStore(hold);
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
			inStore(hold);
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
				lost.removeAll(inStore(holds.keySet()));
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
			inStore(holds.keySet());
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

	/**
	 * Releases what is left at the end. From now on nothing goes on in the background.
	 */
	Releases finish(Map<Hold, Deadline> holds) {
		this.finishing = true;
		return releaseAll(holds);
	}

	private boolean inStore(Hold hold) {
		return knownFailures(() -> this.driver.release(hold));
	}

	private Set<Hold> inStore(Set<Hold> holds) {
		return knownFailures(() -> Objects.requireNonNull(this.driver.releaseAll(holds), "released"));
	}

	/**
	 * Lets what a driver throws against its contract count as an unknown outcome: the
	 * other holds must still end, and so must a shutdown.
	 */
	private static <T> T knownFailures(Supplier<T> request) {
		try {
			return request.get();
		}
		catch (LockStoreException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			throw LockStoreException.unreachable("The driver failed to release, in a way that no driver should", ex);
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
		if (this.finishing) {
			return;
		}
		this.threads.toStore(() -> {
			try {
				inStore(hold);
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

	/**
	 * What has come of the release of several holds, besides those that were released.
	 *
	 * @param lost those whose record the store no longer had
	 * @param unconfirmed why others may still be in the store
	 */
	record Releases(Set<Hold> lost, List<LockStoreException> unconfirmed) {
	}

}
