package org.dragonflow.lock.engine;

import java.util.List;

import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * How a thread waits: what an interrupt does to it, and who is told.
 */
interface Waiting {

	/**
	 * An interrupt ends the wait.
	 */
	Waiting INTERRUPTIBLY = new Waiting() {
		@Override
		public <T extends @Nullable Object> T run(WaitingStep<T> step) throws InterruptedException {
			return step.run();
		}
	};

	/**
	 * An interrupt is kept for later: the step is taken up again, and the thread's flag
	 * set when it is done.
	 */
	Waiting THROUGH_INTERRUPTS = new Waiting() {
		@Override
		public <T extends @Nullable Object> T run(WaitingStep<T> step) {
			boolean interrupted = false;
			try {
				while (true) {
					try {
						return step.run();
					}
					catch (InterruptedException ex) {
						interrupted = true;
					}
				}
			}
			finally {
				if (interrupted) {
					Thread.currentThread().interrupt();
				}
			}
		}
	};

	<T extends @Nullable Object> T run(WaitingStep<T> step) throws InterruptedException;

	/**
	 * The thread begins to wait.
	 * @param keys what it wants, in order
	 */
	default void began(List<LockKey> keys) {
	}

	/**
	 * The thread has got one more of its locks.
	 * @param count how many it has now
	 */
	default void granted(EngineHold hold, int count) {
	}

	/**
	 * The thread waits no longer.
	 */
	default void ended(WaitOutcome outcome) {
	}

}
