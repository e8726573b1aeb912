package org.dragonflow.lock.zookeeper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the servers about lines and nodes, and what the answers mean.
 */
final class Access {

	private final Session session;

	private final Requests requests;

	private final Buckets buckets;

	private final Duration timeout;

	private volatile boolean closed;

	Access(Session session, Requests requests, Buckets buckets, Duration timeout) {
		this.session = session;
		this.requests = requests;
		this.buckets = buckets;
		this.timeout = timeout;
	}

	Session.Confirmed session() throws KeeperException {
		return this.session.await(this.timeout);
	}

	Buckets buckets() {
		return this.buckets;
	}

	Duration timeout() {
		return this.timeout;
	}

	void close() {
		this.closed = true;
	}

	void refuseWhenClosed() {
		if (this.closed) {
			throw LockStoreException.unreachable("The ZooKeeper driver is closed", null);
		}
	}

	/**
	 * Until when the servers surely keep the node.
	 */
	Deadline validUntil(OwnNode node) {
		Session.Confirmed last = this.session.last();
		return (last != null && node.isOf(last.id())) ? last.validUntil() : Deadline.in(Duration.ZERO);
	}

	/**
	 * Joins the line with a new node, in one round trip.
	 * @return null if the bucket was missing, which it is no more
	 */
	@Nullable Line join(Session.Confirmed session, OwnNode node) throws KeeperException {
		Hold hold = node.hold();
		String bucket = this.buckets.path(hold.key());
		byte[] data = String.valueOf(session.timeout().toMillis()).getBytes(StandardCharsets.US_ASCII);
		node.doubt();
		// Both at once: the server handles them in this order.
		var created = this.requests.createInLine(session.client(), bucket + "/" + NodeName.prefix(hold), data);
		var children = this.requests.children(session.client(), bucket);
		try {
			node.adopt(this.requests.await(created));
		}
		catch (KeeperException.NoNodeException ex) {
			node.forget();
			this.buckets.create(session.client(), hold.key());
			return null;
		}
		catch (KeeperException ex) {
			if (!StoreErrors.leavesOutcomeUnknown(ex)) {
				node.forget();
			}
			throw ex;
		}
		if (this.buckets.isUsedUp(node.sequence())) {
			remove(node);
			node.forget();
			this.buckets.renewNow(session.client(), hold.key());
			return null;
		}
		return Line.of(hold.key(), this.requests.await(children));
	}

	/**
	 * Reads the line that a node stands in, in one round trip.
	 */
	Line line(Session.Confirmed session, OwnNode node) throws KeeperException {
		return line(session, this.requests.children(session.client(), this.buckets.path(node.hold().key())), node);
	}

	private Line line(Session.Confirmed session, CompletableFuture<List<String>> children, OwnNode node)
			throws KeeperException {
		try {
			return Line.of(node.hold().key(), this.requests.await(children));
		}
		catch (KeeperException.NoNodeException ex) {
			return new Line(List.of());
		}
	}

	/**
	 * Finds out what became of a node, after a connection or a session was lost. A node
	 * of an earlier session may end at any time, so it is deleted rather than used.
	 * @return null if there is none that can be used
	 */
	@Nullable Line recover(Session.Confirmed session, OwnNode node) throws KeeperException {
		Line line = lineOfLeader(session, node);
		Requests.Node usable = null;
		for (NodeName name : line.of(node.hold().owner())) {
			String path = this.buckets.path(node.hold().key()) + "/" + name.name();
			Requests.Node found = this.requests.await(this.requests.read(session.client(), path, null));
			if (found != null && usable == null && found.stat().getEphemeralOwner() == session.id()) {
				usable = found;
			}
			else if (found != null) {
				this.requests.await(this.requests.delete(session.client(), path));
			}
		}
		if (usable == null) {
			node.forget();
			return null;
		}
		node.adopt(usable);
		return line;
	}

	private Line lineOfLeader(Session.Confirmed session, OwnNode node) throws KeeperException {
		String bucket = this.buckets.path(node.hold().key());
		// The creation may have gone to another server, which was ahead of this one.
		var caughtUp = this.requests.sync(session.client(), bucket);
		var children = this.requests.children(session.client(), bucket);
		this.requests.await(caughtUp);
		return line(session, children, node);
	}

	/**
	 * Deletes a node, wherever it is.
	 * @return whether there was one
	 */
	boolean remove(OwnNode node) throws KeeperException {
		Session.Confirmed session = session();
		String path = node.path();
		if (path == null || node.isDoubtful()) {
			return removeByOwner(session, node);
		}
		boolean removed = this.requests.await(this.requests.delete(session.client(), path));
		this.buckets.renew(session.client(), node.hold().key(), NodeName.sequence(path));
		return removed;
	}

	private boolean removeByOwner(Session.Confirmed session, OwnNode node) throws KeeperException {
		boolean removed = false;
		for (NodeName name : lineOfLeader(session, node).of(node.hold().owner())) {
			removed |= this.requests.await(
					this.requests.delete(session.client(), this.buckets.path(node.hold().key()) + "/" + name.name()));
		}
		return removed;
	}

	Requests.@Nullable Node watch(Session.Confirmed session, String path, Watcher watcher) throws KeeperException {
		return this.requests.await(this.requests.read(session.client(), path, watcher));
	}

	void unwatch(Session.Confirmed session, String path) {
		this.requests.unwatch(session.client(), path);
	}

}
