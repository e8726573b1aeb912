package org.dragonflow.lock.jdbc;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Of a key that not everybody may have at once: who is to have it next.
 *
 * @param held whether somebody has it still
 * @param next the owner of the attempt that is to have it next, null if none is
 * @param nextHasWaited for how long that one has waited by the database's clock
 */
record Turn(boolean held, @Nullable String next, Duration nextHasWaited) {

	// Who came first is not known to the moment: each statement tells how long the
	// attempt has waited, and takes its own time to come to the database.
	private static final long UNSURE_NANOS = Duration.ofMillis(5).toNanos();

	/**
	 * Whether it is to be had now by an attempt that is the next one.
	 */
	boolean hasCome() {
		return !this.held;
	}

	/**
	 * Whether an attempt is to become the next one that has waited so long.
	 */
	boolean isFor(long waitedNanos) {
		return this.next == null || waitedNanos - UNSURE_NANOS > this.nextHasWaited.toNanos();
	}

}
