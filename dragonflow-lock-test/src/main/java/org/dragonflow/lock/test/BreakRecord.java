package org.dragonflow.lock.test;

import org.dragonflow.lock.engine.StoredHold;
import org.dragonflow.lock.engine.grant.FencingTokens;

/**
 * A break of the random test, by an engine.
 *
 * @param objectId what was broken
 * @param token of the grant: the lowest of those that its holds have
 * @param time {@link System#nanoTime()} right before
 * @param own whether it was a grant of the same JVM, whose holder is told before anybody
 * else can have the lock. One of another JVM hears of it later
 */
record BreakRecord(String objectId, long token, long time, boolean own) {

	/**
	 * What a line begins with that is one.
	 */
	static final String PREFIX = "x ";

	static BreakRecord of(StoredHold broken, long time) {
		return new BreakRecord(broken.objectId(), broken.fencingToken(), time, broken.ofThisInstance());
	}

	static BreakRecord parse(String line) {
		String[] parts = line.substring(PREFIX.length()).split(" ");
		return new BreakRecord(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]),
				Boolean.parseBoolean(parts[3]));
	}

	String format() {
		return PREFIX + this.objectId + " " + this.token + " " + this.time + " " + this.own;
	}

	boolean isOf(String objectId, long token) {
		return this.objectId.equals(objectId) && token >= this.token && token < this.token + FencingTokens.PER_GRANT;
	}

	/**
	 * What is left of a hold that its holder may rely on.
	 */
	HoldRecord cut(HoldRecord hold) {
		if (!isOf(hold.objectId(), hold.token())) {
			return hold;
		}
		return hold.until(this.own ? Math.max(this.time, hold.seen()) : this.time);
	}

}
