package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Holds that belong to whoever has the handle: not reentrant, and ended by any thread.
 */
final class HandleOwnership implements Ownership {

	private final ManyHolds holds;

	HandleOwnership(ManyHolds holds) {
		this.holds = holds;
	}

	@Override
	public @Nullable LockKey takeAll(List<LockKey> keys, Duration lease, Deadline waitUntil, Waiting waiting,
			List<EngineHold> taken) throws InterruptedException {
		return this.holds.takeAll(keys, lease, waitUntil, waiting, null, taken);
	}

	@Override
	public void endAll(List<EngineHold> holds) {
		this.holds.releaseAll(holds);
	}

}
