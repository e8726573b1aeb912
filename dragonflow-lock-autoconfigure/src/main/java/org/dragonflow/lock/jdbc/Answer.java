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
 */
record Answer(@Nullable Long token, @Nullable Duration holderRemaining) {

	static final Answer HELD = new Answer(null, null);

	static Answer granted(long token) {
		return new Answer(token, null);
	}

	static Answer heldFor(long micros) {
		return new Answer(null, Duration.of(micros, ChronoUnit.MICROS));
	}

}
