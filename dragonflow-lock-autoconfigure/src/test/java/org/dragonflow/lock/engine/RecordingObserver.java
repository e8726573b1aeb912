package org.dragonflow.lock.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Remembers what it was told, in words, and who has told it.
 */
final class RecordingObserver implements LockObserver {

	final List<String> events = new CopyOnWriteArrayList<>();

	final List<LockWait> waits = new CopyOnWriteArrayList<>();

	final List<LockHold> holds = new CopyOnWriteArrayList<>();

	final List<LockHold> ended = new CopyOnWriteArrayList<>();

	/** The failures that were told of. */
	final List<String> failures = new CopyOnWriteArrayList<>();

	@Override
	public void waitBegan(LockWait wait) {
		this.waits.add(wait);
		this.events.add("wants " + ids(wait));
	}

	@Override
	public void waitEnded(LockWait wait, WaitOutcome outcome) {
		this.events.add(outcome + " " + ids(wait));
	}

	@Override
	public void holdBegan(LockHold hold) {
		this.holds.add(hold);
		this.events.add((hold.isHandedOver() ? "handed " : "granted ") + hold.key().objectId());
	}

	@Override
	public void holdEnded(LockHold hold, HoldOutcome outcome) {
		this.ended.add(hold);
		this.events.add(outcome + " " + hold.key().objectId());
	}

	@Override
	public void storeFailed(StoreCall call, RuntimeException failure) {
		this.failures.add(call + " " + failure.getClass().getSimpleName());
	}

	private static List<String> ids(LockWait wait) {
		return wait.keys().stream().map((key) -> key.objectId()).toList();
	}

}
