package org.dragonflow.lock.zookeeper;

import java.util.Set;

import org.apache.zookeeper.KeeperException;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * What anybody can find out about whoever holds a lock, and tell them.
 */
final class Holders {

	private final Access access;

	private final Requests requests;

	private final Buckets buckets;

	Holders(Access access, Requests requests, Buckets buckets) {
		this.access = access;
		this.requests = requests;
		this.buckets = buckets;
	}

	@Nullable LockRecord look(LockKey key) throws KeeperException {
		Session.Confirmed present = this.access.session();
		String bucket = this.buckets.path(key);
		while (true) {
			NodeName first;
			try {
				first = first(present, key);
			}
			catch (KeeperException.NoNodeException ex) {
				// So that a client that may not do this hears of it at start.
				this.buckets.create(present.client(), Set.of(key));
				return null;
			}
			if (first == null) {
				return null;
			}
			var read = this.requests.read(present.client(), bucket + "/" + first.name(), null);
			// The clock that has dated the node, as of now.
			var now = this.requests.touch(present.client(), bucket);
			Requests.Node node = this.requests.await(read);
			if (node != null) {
				return node.toRecord(new Hold(key, first.owner()), this.requests.await(now));
			}
		}
	}

	/**
	 * Marks the node of a hold, which its holder watches.
	 * @return whether there is such a hold
	 */
	boolean requestRevocation(Hold hold) throws KeeperException {
		Session.Confirmed present = this.access.session();
		try {
			NodeName first = first(present, hold.key());
			if (first == null || !first.owner().equals(hold.owner())) {
				return false;
			}
			Requests.Node node = this.requests
				.await(this.requests.read(present.client(), this.buckets.path(hold.key()) + "/" + first.name(), null));
			return node != null && this.requests.await(this.requests.revoke(present.client(), node));
		}
		catch (KeeperException.NoNodeException ex) {
			return false;
		}
	}

	private @Nullable NodeName first(Session.Confirmed present, LockKey key) throws KeeperException {
		String bucket = this.buckets.path(key);
		// What others have done before this is seen, whichever their server.
		this.requests.sync(present.client(), bucket);
		return Line.of(key, this.requests.await(this.requests.children(present.client(), bucket))).first();
	}

}
