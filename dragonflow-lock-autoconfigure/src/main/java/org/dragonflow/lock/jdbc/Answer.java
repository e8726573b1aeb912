package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

/**
 * What the database says to an attempt: a token, or that another has the lock.
 *
 * @param token the fencing token, null if another has the lock
 * @param holderRemaining how long the other's lease lasts by the database's clock, if it
 * said so
 * @param isDoubtful whether the token may be lower than one that was granted earlier: it
 * is drawn before the row is inserted, and another may have come and gone in between
 */
record Answer(@Nullable Long token, @Nullable Duration holderRemaining, boolean isDoubtful) {

	static final Answer HELD = new Answer(null, null, false);

	static Answer granted(long token) {
		return new Answer(token, null, false);
	}

	static Answer granted(long token, boolean isDoubtful) {
		return new Answer(token, null, isDoubtful);
	}

	static Answer heldFor(long micros) {
		return new Answer(null, Duration.of(micros, ChronoUnit.MICROS), false);
	}

}
