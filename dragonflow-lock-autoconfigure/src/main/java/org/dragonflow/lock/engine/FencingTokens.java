package org.dragonflow.lock.engine;

import org.dragonflow.lock.spi.Grant;

/**
 * Makes the fencing tokens of holds from those of a store's grants. Such a token is a
 * plain number, {@link Grant#NO_TOKEN} where the driver mints none.
 */
final class FencingTokens {

	/**
	 * How many fencing tokens each grant of a store stands for. A store's token is
	 * multiplied by this, so that holds which are handed over inside the JVM can each
	 * have their own: higher than the grant's, lower than that of the next grant. Stores
	 * whose tokens follow the clock in microseconds come to 2^61 in this century.
	 */
	static final long PER_GRANT = 1024;

	private FencingTokens() {
	}

	/**
	 * The token of the first hold of a grant.
	 * @param token the store's
	 * @throws ArithmeticException if it is out of the range that a driver may use
	 */
	static long first(long token) {
		return Math.multiplyExact(token, PER_GRANT);
	}

	/**
	 * The token of the hold that the same grant is handed over to.
	 */
	static long next(long token) {
		return (token != Grant.NO_TOKEN) ? token + 1 : Grant.NO_TOKEN;
	}

	/**
	 * The token, where there is one.
	 * @throws IllegalStateException if the driver mints none
	 */
	static long required(String objectId, long token) {
		if (token == Grant.NO_TOKEN) {
			throw new IllegalStateException("There is no fencing token for the lock on '" + objectId
					+ "': the driver in use mints none. Choose another dragonflow.lock.driver, such as jdbc");
		}
		return token;
	}

	/**
	 * Which lock, and by which token, for messages.
	 */
	static String describe(String objectId, long token) {
		return "The lock on '" + objectId + "'" + ((token != Grant.NO_TOKEN) ? " with fencing token " + token : "");
	}

}
