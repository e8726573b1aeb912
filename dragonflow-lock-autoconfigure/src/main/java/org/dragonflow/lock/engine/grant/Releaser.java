package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;

/**
 * Takes grants out of the store. A release whose outcome is unknown is repeated once, and
 * then in the background, until it is confirmed or the lease has settled the matter.
 */
public record Releaser(Store store, EngineThreads threads, Logbook log, AtomicBoolean finishing) {

	static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

	static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

	/**
	 * Removes, in the background, whatever an attempt that failed or a hold that was lost
	 * has left in the store.
	 */
	public void undo(Hold hold, Duration lease) {
		settleLater(hold, Deadline.in(lease), FIRST_PAUSE, 0);
	}

	/**
	 * Returns false if the store no longer had the record.
	 */
	public boolean release(EngineGrant grant) {
		return uninterrupted(() -> {
			try {
				return this.store.release(grant.id());
			}
			catch (LockStoreException ex) {
				if (ex.isRefused()) {
					throw ex;
				}
				return releaseAgain(grant, ex);
			}
		});
	}

	private boolean releaseAgain(EngineGrant grant, LockStoreException first) {
		try {
			// Whether the record was still there says nothing: the first request may have
			// removed it, with only the answer lost. Now it is gone in any case.
			this.store.release(grant.id());
			return true;
		}
		catch (LockStoreException ex) {
			throw unconfirmed(List.of(grant), ex, first);
		}
	}

	/**
	 * Releases several. A failure of one does not keep the others from being released.
	 */
	public Releases releaseAll(List<EngineGrant> grants) {
		Releases releases = new Releases(new HashSet<>(), new ArrayList<>());
		if (grants.size() < 2) {
			releaseEach(grants, releases);
			return releases;
		}
		return uninterrupted(() -> {
			Map<Hold, LockStoreException> unknown = new HashMap<>();
			Set<Hold> released = this.store.releaseAll(grants.stream().map(EngineGrant::id).toList(), unknown);
			List<EngineGrant> refused = new ArrayList<>();
			List<EngineGrant> unreachable = new ArrayList<>();
			for (EngineGrant grant : grants) {
				LockStoreException reason = unknown.get(grant.id());
				if (reason != null) {
					(reason.isRefused() ? refused : unreachable).add(grant);
				}
				else if (!released.contains(grant.id())) {
					releases.lost.add(grant.id());
				}
			}
			// It may refuse only one of those that were sent together, and have left the
			// others.
			releaseEach(refused, releases);
			releaseAgain(unreachable, unknown, releases);
			return releases;
		});
	}

	private void releaseEach(List<EngineGrant> grants, Releases releases) {
		for (EngineGrant grant : grants) {
			try {
				if (!release(grant)) {
					releases.lost.add(grant.id());
				}
			}
			catch (LockStoreException ex) {
				releases.unconfirmed.add(ex);
			}
		}
	}

	private void releaseAgain(List<EngineGrant> grants, Map<Hold, LockStoreException> first, Releases releases) {
		if (grants.isEmpty()) {
			return;
		}
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		// As for one: what the second answer says of them means nothing.
		this.store.releaseAll(grants.stream().map(EngineGrant::id).toList(), unknown);
		List<EngineGrant> left = grants.stream().filter((grant) -> unknown.containsKey(grant.id())).toList();
		if (!left.isEmpty()) {
			releases.unconfirmed
				.add(unconfirmed(left, unknown.values().iterator().next(), first.values().iterator().next()));
		}
	}

	private LockStoreException unconfirmed(List<EngineGrant> grants, LockStoreException reason,
			LockStoreException first) {
		if (reason != first) {
			reason.addSuppressed(first);
		}
		grants.forEach((grant) -> settleLater(grant.id(), Deadline.in(grant.first().remaining()), FIRST_PAUSE, 0));
		List<String> objectIds = grants.stream().map((grant) -> "'" + grant.id().key().objectId() + "'").toList();
		return LockStoreException.unreachable("The store did not confirm the release of " + String.join(", ", objectIds)
				+ ". It is tried on in the background, and ends with its lease at the latest.", reason);
	}

	/**
	 * Releases what is left at the end. From now on nothing goes on in the background.
	 */
	public Releases finish(List<EngineGrant> grants) {
		this.finishing.set(true);
		return releaseAll(grants);
	}

	private static <T> T uninterrupted(Supplier<T> release) {
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

	private void settleLater(Hold hold, Deadline until, long pause, long delay) {
		if (this.finishing.get()) {
			return;
		}
		this.threads.later(() -> {
			try {
				this.store.release(hold);
			}
			catch (LockStoreException ex) {
				if (ex.isRefused() || until.hasPassed()) {
					this.log.warn("What is left of '" + hold.key().objectId() + "' ends with its lease", ex);
					return;
				}
				settleLater(hold, until, Math.min(pause * 2, LONGEST_PAUSE), pause);
			}
		}, delay);
	}

	/**
	 * What has come of the release of several holds, besides those that were released.
	 *
	 * @param lost those whose record the store no longer had
	 * @param unconfirmed why others may still be in the store
	 */
	public record Releases(Set<Hold> lost, List<LockStoreException> unconfirmed) {
	}

}
