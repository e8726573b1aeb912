package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * What the database says to an attempt: a token, or that another has the lock, or that it
 * may have forgotten who has.
 *
 * @param token the fencing token, null if there is none
 * @param remaining how long the other's lease lasts by the database's clock, or how long
 * nothing is granted; null if it did not say so
 * @param isForgotten whether nothing is granted to anybody, as grants may be forgotten
 */
record Answer(@Nullable Long token, @Nullable Duration remaining, boolean isForgotten) {

	static final Answer HELD = new Answer(null, null, false);

	static final Answer FORGOTTEN = new Answer(null, null, true);

	static Answer granted(long token) {
		return new Answer(token, null, false);
	}

	static Answer heldFor(long micros) {
		return new Answer(null, Duration.of(micros, ChronoUnit.MICROS), false);
	}

	static Answer pausedFor(long micros) {
		return new Answer(null, Duration.of(micros, ChronoUnit.MICROS), true);
	}

	/**
	 * For who does not wait until more is granted.
	 */
	LockStoreException paused(LockAttempt attempt) {
		return LockStoreException.unreachable("The lock on '" + attempt.key().objectId()
				+ "' is not granted to anybody now: the database has crashed, or another server is in its place, so it"
				+ " may have forgotten who has it. It grants locks again when their leases are over"
				+ ((this.remaining != null) ? ", in " + this.remaining.toMillis() + " ms" : ""), null);
	}

}
