package org.dragonflow.lock.etcd;

import java.nio.charset.StandardCharsets;

import io.etcd.jetcd.ByteSequence;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;

/**
 * The names of keys: {@code prefix/lock/owner}. The name of a lock has no slash, so the
 * keys of one lock are never among those that begin like another's.
 */
final class EtcdKeys {

	private static final char SEPARATOR = '/';

	private final String prefix;

	EtcdKeys(String keyPrefix) {
		this.prefix = keyPrefix.endsWith("/") ? keyPrefix : keyPrefix + SEPARATOR;
	}

	/**
	 * What all keys begin with.
	 */
	String prefix() {
		return this.prefix;
	}

	/**
	 * What all keys of a lock begin with, and no other's.
	 */
	String queue(LockKey lock) {
		return this.prefix + lock.name() + SEPARATOR;
	}

	String key(Hold hold) {
		return queue(hold.key()) + hold.owner();
	}

	/**
	 * The queue that a key is in.
	 */
	String queueOf(String key) {
		return key.substring(0, key.indexOf(SEPARATOR, this.prefix.length()) + 1);
	}

	String owner(LockKey lock, String key) {
		return key.substring(queue(lock).length());
	}

	static ByteSequence bytes(String text) {
		return ByteSequence.from(text, StandardCharsets.UTF_8);
	}

	static String text(ByteSequence bytes) {
		return bytes.toString(StandardCharsets.UTF_8);
	}

}
