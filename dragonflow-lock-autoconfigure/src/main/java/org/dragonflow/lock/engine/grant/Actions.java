package org.dragonflow.lock.engine.grant;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What an application wants to be run when something happens to a hold.
 */
public final class Actions {

	private final Queue<Action> actions = new ConcurrentLinkedQueue<>();

	/**
	 * Adds an action, which runs once at most however often it is taken.
	 * @param owner whose it is
	 */
	public void add(Occasion occasion, Object owner, Runnable action) {
		this.actions.add(new Action(occasion, owner, action));
	}

	public void forget(Object owner) {
		this.actions.removeIf((action) -> action.owner == owner);
	}

	public List<Runnable> take(Occasion occasion) {
		List<Runnable> taken = new ArrayList<>();
		this.actions.removeIf((action) -> action.occasion == occasion && taken.add(action.action));
		return taken;
	}

	private record Action(Occasion occasion, Object owner, Runnable action) {
	}

	public enum Occasion {

		LOSS, REVOCATION;

		public String of(String objectId) {
			return "What was to be told of the " + name().toLowerCase(Locale.ROOT) + " of '" + objectId + "'";
		}

	}

}
