package org.dragonflow.lock.redis;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * What a server tells a waiter that it has made the holder; or that it has passed over,
 * because it did not see it listen.
 *
 * @param owner who holds now
 * @param request the waiter's last request that the server knew of
 * @param token the grant's token, 0 for one that was passed over
 * @param leaseMillis how long the lease is
 */
record HandOver(String owner, long request, long token, long leaseMillis) {

	/**
	 * Reads a message.
	 * @return null if it is not what a script has sent
	 */
	static @Nullable HandOver parse(byte[] message) {
		String[] parts = new String(message, StandardCharsets.ISO_8859_1).split(" ");
		try {
			return (parts.length == 4) ? new HandOver(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]),
					Long.parseLong(parts[3])) : null;
		}
		catch (NumberFormatException ex) {
			// Anybody can publish to a channel.
			return null;
		}
	}

}
