package org.dragonflow.lock.engine.grant;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What an application wants to be run when something happens to a hold, each once.
 */
public final class Actions {

	/**
	 * What may happen.
	 */
	public enum Occasion {

		/** The hold is lost. */
		LOSS,

		/** Its release is asked for. */
		REVOCATION;

		/**
		 * In words that go on after "on".
		 */
		public String of(String objectId) {
			return "the " + name().toLowerCase(Locale.ROOT) + " of '" + objectId + "'";
		}

	}

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<Occasion, Map<Object, List<Runnable>>> actions = new EnumMap<>(Occasion.class);

	/**
	 * Adds an action.
	 * @param owner whose it is
	 */
	public void add(Occasion occasion, Object owner, Runnable action) {
		this.lock.lock();
		try {
			this.actions.computeIfAbsent(occasion, (missing) -> new LinkedHashMap<>())
				.computeIfAbsent(owner, (missing) -> new ArrayList<>(1))
				.add(action);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Forgets all actions of an owner.
	 */
	public void forget(Object owner) {
		this.lock.lock();
		try {
			this.actions.values().forEach((ofOccasion) -> ofOccasion.remove(owner));
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Takes those that nobody has taken yet, in the order in which they came.
	 */
	List<Runnable> take(Occasion occasion) {
		this.lock.lock();
		try {
			Map<Object, List<Runnable>> taken = this.actions.remove(occasion);
			return (taken != null) ? taken.values().stream().flatMap(List::stream).toList() : List.of();
		}
		finally {
			this.lock.unlock();
		}
	}

}
