package org.dragonflow.lock.engine;

import org.jspecify.annotations.Nullable;

/**
 * Tells observers of one hold: of its begin and its end, in this order, each once.
 */
interface HoldTelling {

	/**
	 * There is nobody to be told.
	 */
	HoldTelling NOBODY = new HoldTelling() {
		@Override
		public void began(@Nullable String label) {
		}

		@Override
		public void ended(HoldOutcome outcome) {
		}
	};

	/**
	 * The thread that has got the hold goes on with it.
	 */
	void began(@Nullable String label);

	/**
	 * The hold has ended, maybe before its thread had a chance to run.
	 */
	void ended(HoldOutcome outcome);

}
