package org.dragonflow.lock.spi;

import java.time.Duration;

/**
 * An attempt to take a lock.
 *
 * @param key what to take
 * @param owner who takes it: unique for this hold, at most {@value #MAX_OWNER_LENGTH}
 * printable ASCII characters without blanks
 * @param lease how long the store keeps the record unless it is renewed
 * @param waitUntil until when to wait for another holder; may have passed already, for a
 * single try
 */
public record LockAttempt(LockKey key, String owner, Duration lease, Deadline waitUntil) {

	/**
	 * The length that an owner never exceeds.
	 */
	public static final int MAX_OWNER_LENGTH = 128;

	/**
	 * The hold that this attempt leads to if it is granted.
	 * @return a hold of the same key and owner
	 */
	public Hold hold() {
		return new Hold(this.key, this.owner);
	}

	/**
	 * The same attempt, without a wait.
	 * @return an attempt of the same key, owner and lease
	 */
	public LockAttempt withoutWait() {
		return new LockAttempt(this.key, this.owner, this.lease, Deadline.in(Duration.ZERO));
	}

}
