package org.dragonflow.lock.etcd;

import java.nio.charset.StandardCharsets;

import io.etcd.jetcd.ByteSequence;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * The names of keys: {@code prefix/lock/owner}. The name of a lock has no slash, so the
 * keys of one lock are never among those that begin like another's.
 */
final class EtcdKeys {

	private static final char SEPARATOR = '/';

	// No name of a lock begins so.
	private static final String ASKED_FOR = "!asked/";

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
	 * The key whose deletion says that somebody asks for the release of a hold.
	 */
	String askedFor(Hold hold) {
		return this.prefix + ASKED_FOR + hold.key().name() + SEPARATOR + hold.owner();
	}

	/**
	 * The key of the hold that is asked for.
	 * @param key a deleted key
	 * @return null if its deletion does not say so
	 */
	@Nullable String askedFor(String key) {
		return key.startsWith(ASKED_FOR, this.prefix.length())
				? this.prefix + key.substring(this.prefix.length() + ASKED_FOR.length()) : null;
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
