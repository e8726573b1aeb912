package org.dragonflow.lock.test;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockObserver;

/**
 * The observer of the random test that does as it should, next to one that does not: it
 * must hear of each begin and each end, in their order.
 */
final class RandomWitness implements LockObserver {

	private final Map<String, LockHold> open = new ConcurrentHashMap<>();

	private final Collection<String> violations = new ConcurrentLinkedQueue<>();

	@Override
	public void holdBegan(LockHold hold) {
		LockHold before = this.open.put(hold.key().objectId(), hold);
		if (before != null) {
			violation(hold, "began before the end was told of the one with token " + before.fencingToken());
		}
	}

	@Override
	public void holdEnded(LockHold hold, HoldOutcome outcome) {
		if (!this.open.remove(hold.key().objectId(), hold)) {
			violation(hold, "ended as " + outcome + ", and its begin was not told, or its end has been");
		}
	}

	/**
	 * Whether all that has begun has ended.
	 */
	boolean isAtRest() {
		return this.open.isEmpty();
	}

	/**
	 * Gives what was wrong since the last time, and forgets it.
	 */
	Collection<String> takeViolations() {
		this.open.values().forEach((hold) -> violation(hold, "has ended, and that was not told"));
		Collection<String> taken = new ConcurrentLinkedQueue<>(this.violations);
		this.open.clear();
		this.violations.clear();
		return taken;
	}

	private void violation(LockHold hold, String text) {
		this.violations.add("To the observer, the hold of " + hold.key().objectId() + " with token "
				+ hold.fencingToken() + " " + text);
	}

}
