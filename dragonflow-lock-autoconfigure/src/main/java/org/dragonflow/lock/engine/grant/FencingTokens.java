package org.dragonflow.lock.engine.grant;

import org.dragonflow.lock.spi.Grant;

/**
 * Makes the fencing tokens of holds from those of a store's grants. Such a token is a
 * plain number, {@link Grant#NO_TOKEN} where the driver mints none.
 */
public final class FencingTokens {

	/**
	 * How many fencing tokens each grant of a store stands for. A store's token is
	 * multiplied by this, so that holds which are handed over inside the JVM can each
	 * have their own: higher than the grant's, lower than that of the next grant. Stores
	 * whose tokens follow the clock in microseconds come to 2^61 in this century.
	 */
	public static final long PER_GRANT = 1024;

	private FencingTokens() {
	}

	/**
	 * The token of the first hold of a grant.
	 * @throws IllegalStateException if it is out of the range that a driver may use
	 */
	public static long first(String objectId, long token) {
		try {
			return Math.multiplyExact(token, PER_GRANT);
		}
		catch (ArithmeticException ex) {
			throw new IllegalStateException(
					"The fencing token " + token + " for '" + objectId + "' is out of the range that a driver may use",
					ex);
		}
	}

	/**
	 * The token of the hold that the same grant is handed over to.
	 */
	static long later(long first, int position) {
		return (first != Grant.NO_TOKEN) ? first + position : Grant.NO_TOKEN;
	}

	public static long required(String objectId, long token) {
		if (token == Grant.NO_TOKEN) {
			throw new IllegalStateException("There is no fencing token for the lock on '" + objectId
					+ "': the driver in use mints none. Choose another dragonflow.lock.driver, such as jdbc");
		}
		return token;
	}

	public static String describe(EngineHold hold) {
		long token = hold.fencingToken();
		return "The lock on '" + hold.objectId() + "'"
				+ ((token != Grant.NO_TOKEN) ? " with fencing token " + token : "");
	}

}
