package org.dragonflow.lock.test;

/**
 * One hold of the random test, as its holder saw it.
 *
 * @param objectId what was held
 * @param token the fencing token
 * @param start {@link System#nanoTime()} when the acquire had returned
 * @param end until when the holder surely relied on the hold, by the same clock: the
 * earliest of its release, its loss, and its deadline. Before the start if it never could
 * @param seen when it was asked for the last time and was held, by the same clock
 * @param outcome how it ended
 */
record HoldRecord(String objectId, long token, long start, long end, long seen, Outcome outcome) {

	enum Outcome {

		/** The store, or the next thread of the JVM, has it back. */
		RELEASED,

		/** The holder was told of a loss that nobody meant. */
		LOST,

		/** The record was broken under the holder. */
		BROKEN,

		/** The store did not say. */
		UNKNOWN

	}

	static HoldRecord parse(String line) {
		String[] parts = line.split(" ");
		return new HoldRecord(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), Long.parseLong(parts[3]),
				Long.parseLong(parts[4]), Outcome.valueOf(parts[5]));
	}

	String format() {
		return this.objectId + " " + this.token + " " + this.start + " " + this.end + " " + this.seen + " "
				+ this.outcome;
	}

	/**
	 * The same hold, relied on for no longer than until some moment.
	 */
	HoldRecord until(long latest) {
		return new HoldRecord(this.objectId, this.token, this.start, Math.min(this.end, latest), this.seen,
				this.outcome);
	}

	/**
	 * Whether the holder could rely on it at all, rather than find it lost at once.
	 */
	boolean wasRelied() {
		return this.end - this.start >= 0;
	}

}
