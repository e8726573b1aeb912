package org.dragonflow.lock.engine;

import java.util.Collection;
import java.util.List;

/**
 * Told of what an engine does, for metrics, traces and people. Each event is told once,
 * by the thread that it happens to:
 * <ul>
 * <li>A wait begins and ends on the thread that waits. Every request is a wait, however
 * short, but for what the thread has locked already.</li>
 * <li>A hold begins on the thread that has taken it, inside its wait, and ends on the
 * thread that has ended it, which may be one of the engine's. It begins before it ends,
 * and the next hold of the same id in this instance begins after that.</li>
 * </ul>
 * Implementations return quickly, as somebody waits for them, and do not call the engine.
 * What they throw is logged, and does no harm to the lock. All methods may be called by
 * many threads at once.
 */
public interface LockObserver {

	/**
	 * Is told and does nothing. An engine with this one spends no time on telling.
	 */
	LockObserver NONE = new LockObserver() {
	};

	/**
	 * A thread wants locks that it does not have.
	 * @param wait the same object as at its end
	 */
	default void waitBegan(LockWait wait) {
	}

	/**
	 * A thread has got what it wanted, or has not.
	 * @param wait the same object as at its begin
	 * @param outcome why it waits no longer
	 */
	default void waitEnded(LockWait wait, WaitOutcome outcome) {
	}

	/**
	 * A lock is held by this instance from now on.
	 * @param hold the same object as at its end
	 */
	default void holdBegan(LockHold hold) {
	}

	/**
	 * A lock is held no longer.
	 * @param hold the same object as at its begin
	 * @param outcome why it ended
	 */
	default void holdEnded(LockHold hold, HoldOutcome outcome) {
	}

	/**
	 * The store could not be reached, did not answer in time, or has refused. The engine
	 * may try again, so the lock need not be in trouble yet.
	 * @param call what was asked for
	 * @param failure what the driver has thrown
	 */
	default void storeFailed(StoreCall call, RuntimeException failure) {
	}

	/**
	 * An observer that tells others, in their order. One that fails does not keep the
	 * next ones from being told.
	 * @param observers the others
	 * @return all of them as one, or {@link #NONE} if there are none
	 */
	static LockObserver all(Collection<? extends LockObserver> observers) {
		List<LockObserver> told = observers.stream()
			.<LockObserver>map((observer) -> observer)
			.filter((observer) -> observer != NONE)
			.toList();
		if (told.size() == 1 && told.get(0) instanceof LockObservers) {
			return told.get(0);
		}
		return told.isEmpty() ? NONE : new LockObservers(told);
	}

}
