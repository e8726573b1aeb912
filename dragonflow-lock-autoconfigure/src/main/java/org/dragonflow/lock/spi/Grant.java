package org.dragonflow.lock.spi;

/**
 * A store's consent to a hold.
 *
 * @param token rises with every hold of the key, see {@link LockDriver}; or
 * {@link #NO_TOKEN}
 * @param validUntil until when the store surely keeps the record, unless renewed. Counted
 * by {@link Deadline#ofLease} from when the granting request was <em>sent</em>, not from
 * when its answer came.
 */
public record Grant(long token, Deadline validUntil) {

	/**
	 * In place of a token, by a driver whose store cannot mint any. Asking a hold for its
	 * fencing token is then an error that says so.
	 */
	public static final long NO_TOKEN = 0;

}
