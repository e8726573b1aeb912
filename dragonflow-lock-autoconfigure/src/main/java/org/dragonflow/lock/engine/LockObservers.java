package org.dragonflow.lock.engine;

import java.util.List;
import java.util.function.Consumer;

/**
 * Several observers as one. An engine tells each of them apart from the others.
 */
record LockObservers(List<LockObserver> observers) implements LockObserver {

	/**
	 * Those that an observer stands for.
	 */
	static List<LockObserver> each(LockObserver observer) {
		if (observer instanceof LockObservers several) {
			return several.observers();
		}
		return (observer != NONE) ? List.of(observer) : List.of();
	}

	@Override
	public void waitBegan(LockWait wait) {
		tell((observer) -> observer.waitBegan(wait));
	}

	@Override
	public void waitEnded(LockWait wait, WaitOutcome outcome) {
		tell((observer) -> observer.waitEnded(wait, outcome));
	}

	@Override
	public void holdBegan(LockHold hold) {
		tell((observer) -> observer.holdBegan(hold));
	}

	@Override
	public void holdEnded(LockHold hold, HoldOutcome outcome) {
		tell((observer) -> observer.holdEnded(hold, outcome));
	}

	@Override
	public void storeFailed(StoreCall call, RuntimeException failure) {
		tell((observer) -> observer.storeFailed(call, failure));
	}

	private void tell(Consumer<LockObserver> event) {
		this.observers.forEach(event);
	}

}
