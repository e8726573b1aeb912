package org.dragonflow.lock.zookeeper;

import java.util.HexFormat;
import java.util.Set;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockKey;

/**
 * The nodes that the locks' nodes are children of. Each key has its place in one of a
 * fixed number of buckets: a parent for each key would have to be made before its first
 * lock, and would stay behind after the last.
 * <p>
 * The server counts the creations in a bucket, and its counter ends at 2<sup>31</sup>. So
 * an empty bucket that is half way there is deleted, and made anew by the next creation;
 * and one that was never empty since takes no more newcomers close to the end.
 */
final class Buckets {

	// The same for all versions of all clients, or they would not exclude each other.
	private static final int COUNT = 1024;

	private final String root;

	private final Requests requests;

	private final int renewFrom;

	private final int limit;

	Buckets(String root, Requests requests, int renewFrom, int limit) {
		this.root = root;
		this.requests = requests;
		this.renewFrom = renewFrom;
		this.limit = limit;
	}

	String root() {
		return this.root;
	}

	String path(LockKey key) {
		// Java defines the value of a string's hash code, so all JVMs have the same.
		int hash = key.name().hashCode();
		int bucket = (hash ^ (hash >>> 16)) & (COUNT - 1);
		return this.root + "/" + HexFormat.of().toHexDigits((short) bucket);
	}

	/**
	 * Creates the keys' buckets with all that is above them, in one round trip.
	 */
	void create(ZooKeeper client, Set<LockKey> keys) throws KeeperException {
		for (int slash = this.root.indexOf('/', 1); slash > 0; slash = this.root.indexOf('/', slash + 1)) {
			// Others' nodes may be there that we may not touch: only the last one counts.
			this.requests.createForGood(client, this.root.substring(0, slash));
		}
		var root = this.requests.createForGood(client, this.root);
		var buckets = keys.stream()
			.map(this::path)
			.distinct()
			.map((path) -> this.requests.createForGood(client, path))
			.toList();
		this.requests.await(root);
		for (var bucket : buckets) {
			this.requests.await(bucket);
		}
	}

	boolean isUsedUp(int sequence) {
		return sequence >= this.limit;
	}

	/**
	 * Starts the bucket's counter anew if it has come far, and nobody is there.
	 * @param sequence of a node that has just been deleted
	 */
	void renew(ZooKeeper client, LockKey key, int sequence) {
		if (sequence >= this.renewFrom) {
			// The server refuses while there are children; the next release tries again.
			this.requests.delete(client, path(key));
		}
	}

	/**
	 * Starts the bucket's counter anew, which has come to its end.
	 */
	void renewNow(ZooKeeper client, LockKey key) throws KeeperException {
		try {
			this.requests.await(this.requests.delete(client, path(key)));
		}
		catch (KeeperException.NotEmptyException ex) {
			throw LockStoreException.unreachable("The counter of " + path(key)
					+ " has come to its end. It starts anew when no lock in there is held or waited for", ex);
		}
	}

}
