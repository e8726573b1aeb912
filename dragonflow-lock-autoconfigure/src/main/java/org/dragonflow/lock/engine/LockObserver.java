package org.dragonflow.lock.engine;

import org.jspecify.annotations.Nullable;

/**
 * Told of what an engine does, for metrics, traces and people. Each event is told once,
 * on a thread that the engine has for such things, soon after it has happened; each
 * observer hears of all events in the order in which they came, one at a time:
 * <ul>
 * <li>Every request is a wait, however short, but for what the thread has locked already.
 * It begins before it ends.</li>
 * <li>A hold begins inside the wait of the thread that has taken it. It begins before it
 * ends, and the next hold of the same id in this instance begins after that.</li>
 * </ul>
 * An observer that throws or hangs harms neither the locks nor other observers: it is
 * logged, and while it hangs, it misses what comes after a bounded number of events. An
 * end is never missed whose begin was told.
 */
public interface LockObserver {

	/**
	 * Opens what belongs to the thread that waits, such as its current observation.
	 * Called by that thread, before it stands in any line; what this call or the scope
	 * does costs the caller time, and is for what cannot be done on another thread.
	 * @param wait the same object as at its begin, which is told later
	 * @return closed by the same thread when it waits no longer; null for nothing
	 */
	default @Nullable WaitScope openScope(LockWait wait) {
		return null;
	}

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
	 * What is open on a thread while it waits.
	 */
	interface WaitScope {

		/**
		 * Closes it.
		 * @param outcome why the thread waits no longer
		 */
		void close(WaitOutcome outcome);

	}

}
