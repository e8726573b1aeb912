package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * How holds are owned: by a thread, or by a handle.
 */
interface Ownership {

	/**
	 * Takes one lock for the owner.
	 * @return the hold, or null if another had it until the wait ended
	 */
	@Nullable EngineHold take(LockKey key, Duration lease, Deadline waitUntil, Waiting waiting) throws InterruptedException;

	/**
	 * Ends what one {@code take} began.
	 */
	void end(EngineHold hold);

	/**
	 * Takes all locks, in the order given, or none.
	 * @param taken receives the holds
	 * @return null, or the first key that was not to be had
	 */
	default @Nullable LockKey takeAll(Iterable<LockKey> keys, Duration lease, Deadline waitUntil, Waiting waiting,
			List<EngineHold> taken) throws InterruptedException {
		try {
			for (LockKey key : keys) {
				EngineHold hold = take(key, lease, waitUntil, waiting);
				if (hold == null) {
					endAll(taken);
					return key;
				}
				taken.add(hold);
			}
			return null;
		}
		catch (RuntimeException | InterruptedException ex) {
			try {
				endAll(taken);
			}
			catch (RuntimeException endFailure) {
				ex.addSuppressed(endFailure);
			}
			throw ex;
		}
	}

	/**
	 * Ends all holds, the last one first. A failure does not keep the others from ending.
	 */
	default void endAll(List<EngineHold> holds) {
		RuntimeException failure = null;
		List<EngineHold> left = new ArrayList<>(holds);
		holds.clear();
		for (int i = left.size() - 1; i >= 0; i--) {
			try {
				end(left.get(i));
			}
			catch (RuntimeException ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

}
