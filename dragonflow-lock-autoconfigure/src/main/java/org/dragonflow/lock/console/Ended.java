package org.dragonflow.lock.console;

import org.jspecify.annotations.Nullable;

/**
 * Something that is over: a hold, a wait, or a call of the store that has failed.
 *
 * @param number where it stands in the order of the ends
 * @param kind what it was
 * @param id the id of the lock; null for a call
 * @param thread who it was
 * @param label what the request says about its purpose
 * @param fencingToken of the hold, or 0
 * @param fromNanoTime when it began
 * @param toNanoTime when it ended
 * @param outcome how it ended
 */
record Ended(long number, Kind kind, @Nullable String id, String thread, @Nullable String label, long fencingToken,
		long fromNanoTime, long toNanoTime, String outcome) {

	/**
	 * What can end.
	 */
	enum Kind {

		HOLD, WAIT, CALL

	}

}
