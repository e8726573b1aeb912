package org.dragonflow.lock.engine;

import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Several observers, none of which can do harm.
 */
final class LockObservers implements LockObserver {

	private static final Log logger = LogFactory.getLog(LockObservers.class);

	private final List<LockObserver> observers;

	LockObservers(List<LockObserver> observers) {
		this.observers = observers;
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
		for (LockObserver observer : this.observers) {
			try {
				event.accept(observer);
			}
			catch (RuntimeException ex) {
				logger.warn("The observer " + observer + " failed; the lock goes on", ex);
			}
		}
	}

}
