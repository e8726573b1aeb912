package org.dragonflow.lock.engine;

import org.jspecify.annotations.Nullable;

/**
 * What an interrupt does to a waiting thread.
 */
enum Waiting {

	/**
	 * It ends the wait.
	 */
	INTERRUPTIBLY {
		@Override
		<T extends @Nullable Object> T run(Step<T> step) throws InterruptedException {
			return step.run();
		}
	},

	/**
	 * It is kept for later: the step is taken up again, and the thread's flag set when it
	 * is done.
	 */
	THROUGH_INTERRUPTS {
		@Override
		<T extends @Nullable Object> T run(Step<T> step) {
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

	abstract <T extends @Nullable Object> T run(Step<T> step) throws InterruptedException;

	/**
	 * Something that waits, and can be begun again after an interrupt.
	 */
	interface Step<T extends @Nullable Object> {

		T run() throws InterruptedException;

	}

}
