package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * What the driver needs to know beside where Redis is.
 *
 * @param keyPrefix what the names of all keys and channels begin with
 * @param timeout how long to wait for the answer to a command
 */
public record RedisLockSettings(String keyPrefix, Duration timeout) {

	// Braces would choose the slot in a cluster; stars and the like are patterns of ACLs.
	private static final Pattern KEY_PREFIX = Pattern.compile("[A-Za-z0-9_.:/-]{1,64}");

	/**
	 * Checks the settings.
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public RedisLockSettings {
		if (!KEY_PREFIX.matcher(keyPrefix).matches()) {
			throw new IllegalArgumentException("The key prefix must be of letters, digits and '_.:/-', "
					+ "64 characters at most, but is '" + keyPrefix + "'");
		}
		if (timeout.toMillis() < 1) {
			throw new IllegalArgumentException("The timeout must be at least 1ms, but is " + timeout);
		}
	}

	/**
	 * The defaults: {@code dragonflow-lock:} and two seconds.
	 * @return settings that fit most applications
	 */
	public static RedisLockSettings defaults() {
		return new RedisLockSettings("dragonflow-lock:", Duration.ofSeconds(2));
	}

}
