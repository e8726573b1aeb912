package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * What each thread holds by {@code lock} and {@code tryLock}, and how many times. A lost
 * hold stays here until its thread has unlocked it, and so has heard of the loss; a
 * thread that ends takes its entries with it.
 */
final class ThreadOwnership implements Ownership {

	private final Holds holds;

	private final ThreadLocal<@Nullable Map<String, Entry>> entries = new ThreadLocal<>();

	ThreadOwnership(Holds holds) {
		this.holds = holds;
	}

	@Override
	public @Nullable EngineHold take(LockKey key, Duration lease, Deadline waitUntil, Waiting waiting)
			throws InterruptedException {
		Entry own = entry(key.objectId());
		if (own != null) {
			// Going on inside a hold that was lost would be work without a lock.
			if (!own.hold.isHeld()) {
				throw own.hold.lostException();
			}
			own.count++;
			return own.hold;
		}
		EngineHold hold = this.holds.take(key, lease, waitUntil, waiting);
		if (hold != null) {
			Map<String, Entry> ofThread = this.entries.get();
			if (ofThread == null) {
				ofThread = new HashMap<>();
				this.entries.set(ofThread);
			}
			ofThread.put(key.objectId(), new Entry(hold));
		}
		return hold;
	}

	@Override
	public void end(EngineHold hold) {
		EngineHold own = get(hold.objectId());
		// Not by the id alone: this thread may have unlocked it, and hold it anew.
		if (own != null && own != hold) {
			throw new IllegalMonitorStateException(
					"The lock on '" + hold.objectId() + "' with fencing token " + hold.fencingToken()
							+ " has been unlocked already; this thread holds it anew, with " + own.fencingToken());
		}
		end(hold.objectId());
	}

	/**
	 * Takes one off the count; the last one releases.
	 * @throws IllegalMonitorStateException if this thread does not hold the id
	 */
	void end(String objectId) {
		Map<String, Entry> ofThread = this.entries.get();
		Entry own = (ofThread != null) ? ofThread.get(objectId) : null;
		if (ofThread == null || own == null) {
			throw new IllegalMonitorStateException("Thread '" + Thread.currentThread().getName()
					+ "' does not hold the lock on '" + objectId + "', so it cannot unlock it");
		}
		if (--own.count > 0) {
			return;
		}
		ofThread.remove(objectId);
		if (ofThread.isEmpty()) {
			this.entries.remove();
		}
		this.holds.release(own.hold);
	}

	/**
	 * This thread's hold, lost or not.
	 */
	@Nullable EngineHold get(String objectId) {
		Entry own = entry(objectId);
		return (own != null) ? own.hold : null;
	}

	private @Nullable Entry entry(String objectId) {
		Map<String, Entry> ofThread = this.entries.get();
		return (ofThread != null) ? ofThread.get(objectId) : null;
	}

	private static final class Entry {

		private final EngineHold hold;

		private int count = 1;

		Entry(EngineHold hold) {
			this.hold = hold;
		}

	}

}
