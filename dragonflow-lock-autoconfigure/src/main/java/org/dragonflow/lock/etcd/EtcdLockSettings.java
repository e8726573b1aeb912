package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * What the driver needs to know beside where etcd is.
 *
 * @param keyPrefix what the locks' keys begin with, followed by a slash: up to 200
 * printable ASCII characters without blanks. Applications with different prefixes are not
 * told of each other's releases.
 * @param timeout how long to wait for an answer; at least a millisecond
 */
public record EtcdLockSettings(String keyPrefix, Duration timeout) {

	/**
	 * What keys begin with where nothing else is said.
	 */
	public static final String DEFAULT_KEY_PREFIX = "dragonflow/lock";

	private static final Pattern KEY_PREFIX = Pattern.compile("[!-~]{1,200}");

	/**
	 * Checks the settings.
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public EtcdLockSettings {
		if (!KEY_PREFIX.matcher(keyPrefix).matches()) {
			throw new IllegalArgumentException("The key prefix must be of 1 to 200 printable ASCII characters without "
					+ "blanks, but is '" + keyPrefix + "'");
		}
		if (timeout.toMillis() < 1 || timeout.toMillis() > Integer.MAX_VALUE) {
			throw new IllegalArgumentException("The timeout must be at least 1ms and below 25 days, but is " + timeout);
		}
	}

	/**
	 * The defaults: the default prefix and a timeout of five seconds.
	 * @return settings that fit an etcd with room for locks
	 */
	public static EtcdLockSettings defaults() {
		return new EtcdLockSettings(DEFAULT_KEY_PREFIX, Duration.ofSeconds(5));
	}

}
