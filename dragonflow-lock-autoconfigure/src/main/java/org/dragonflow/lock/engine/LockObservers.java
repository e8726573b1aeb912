package org.dragonflow.lock.engine;

import java.util.List;

/**
 * Several observers for an engine, which tells each of them apart from the others.
 */
record LockObservers(List<LockObserver> observers) implements LockObserver {

	static List<LockObserver> each(LockObserver observer) {
		if (observer instanceof LockObservers several) {
			return several.observers();
		}
		return (observer != NONE) ? List.of(observer) : List.of();
	}

}
