package org.dragonflow.lock.engine;

import java.time.Duration;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Holds that belong to whoever has the handle: not reentrant, and ended by any thread.
 */
final class HandleOwnership implements Ownership {

	private final Holds holds;

	HandleOwnership(Holds holds) {
		this.holds = holds;
	}

	@Override
	public @Nullable EngineHold take(LockKey key, Duration lease, Deadline waitUntil, Waiting waiting)
			throws InterruptedException {
		return this.holds.take(key, lease, waitUntil, waiting, null);
	}

	@Override
	public void end(EngineHold hold) {
		this.holds.release(hold);
	}

}
