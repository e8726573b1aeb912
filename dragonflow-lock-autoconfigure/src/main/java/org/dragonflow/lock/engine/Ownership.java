package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * How holds are owned: by a thread, or by a handle.
 */
interface Ownership {

	/**
	 * Takes all locks for the owner, or none.
	 * @param keys what to take, in the order that all requests have in common
	 * @param taken receives the holds; empty
	 * @return null, or the first key that was not to be had
	 */
	@Nullable LockKey takeAll(List<LockKey> keys, Duration lease, Deadline waitUntil, Waiting waiting, List<EngineHold> taken)
			throws InterruptedException;

	/**
	 * Ends what one {@code takeAll} began. A failure does not keep the others from
	 * ending.
	 */
	void endAll(List<EngineHold> holds);

}
