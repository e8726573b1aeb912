package org.dragonflow.lock.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.dragonflow.lock.spi.LockKey;

/**
 * The names of a lock's keys. All keys of a lock, and the mark that many locks share,
 * have the same hash tag, and so are at one node of a cluster. There are {@value #TAGS}
 * tags: enough to spread locks over a cluster, and few enough to leave little behind.
 */
final class RedisKeys {

	static final int TAGS = 256;

	private final String prefix;

	RedisKeys(String prefix) {
		this.prefix = prefix;
	}

	static int tag(LockKey key) {
		return Math.floorMod(key.name().hashCode(), TAGS);
	}

	/**
	 * The key whose presence is the lock.
	 */
	String lock(LockKey key) {
		return this.prefix + '{' + tag(key) + "}:" + key.name();
	}

	/**
	 * The four keys that the scripts take for each lock: lock, queue, waiters, mark.
	 */
	byte[][] all(List<LockKey> locks) {
		byte[][] keys = new byte[locks.size() * 4][];
		int next = 0;
		for (LockKey key : locks) {
			String lock = lock(key);
			keys[next++] = bytes(lock);
			keys[next++] = bytes(lock + ":queue");
			keys[next++] = bytes(lock + ":waiters");
			keys[next++] = bytes(this.prefix + '{' + tag(key) + "}:mark");
		}
		return keys;
	}

	byte[] channel(String client) {
		return bytes(this.prefix + client);
	}

	static byte[] bytes(String ascii) {
		return ascii.getBytes(StandardCharsets.ISO_8859_1);
	}

}
