package org.dragonflow.lock.zookeeper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the servers about lines and nodes, and what the answers mean.
 */
final class Access {

	// Tokens stay below 2^53.
	private static final long TOKEN_LIMIT = 1L << 53;

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
	 * @return null if that has to be tried again
	 */
	@Nullable Line join(Session.Confirmed session, OwnNode node) throws KeeperException {
		// Both at once: the server handles them in this order.
		var created = create(session, node);
		var children = children(session, node.hold().key());
		try {
			return adopt(session, node, created, children, this.timeout);
		}
		catch (KeeperException.NoNodeException ex) {
			this.buckets.create(session.client(), Set.of(node.hold().key()));
			return null;
		}
	}

	/**
	 * Sends a new node.
	 */
	CompletableFuture<Requests.Node> create(Session.Confirmed session, OwnNode node) {
		Hold hold = node.hold();
		byte[] data = String.valueOf(session.timeout().toMillis()).getBytes(StandardCharsets.US_ASCII);
		node.doubt();
		return this.requests.createInLine(session.client(), this.buckets.path(hold.key()) + "/" + NodeName.prefix(hold),
				data);
	}

	/**
	 * Asks who is in a key's bucket.
	 */
	CompletableFuture<List<String>> children(Session.Confirmed session, LockKey key) {
		return this.requests.children(session.client(), this.buckets.path(key));
	}

	/**
	 * Makes a node known that was sent, and tells the line that it stands in.
	 * @return null if there is no such node: its bucket was used up, which it is no more,
	 * or somebody else has deleted it
	 * @throws KeeperException.NoNodeException if the bucket is missing
	 */
	@Nullable Line adopt(Session.Confirmed session, OwnNode node, CompletableFuture<Requests.Node> created,
			CompletableFuture<List<String>> children, Duration patience) throws KeeperException {
		try {
			node.adopt(this.requests.await(created, patience));
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
			this.buckets.renewNow(session.client(), node.hold().key());
			return null;
		}
		Line line = Line.of(node.hold().key(), this.requests.await(children, patience));
		if (line.of(node.hold().owner()).isEmpty()) {
			node.forget();
			return null;
		}
		return line;
	}

	/**
	 * The hold of a node that is the first of its line.
	 * @param askedNanoTime right before that was asked for
	 */
	Grant grant(LockAttempt attempt, OwnNode node, long askedNanoTime) {
		long token = node.token();
		if (token >= TOKEN_LIMIT) {
			throw LockStoreException.refused("ZooKeeper's transaction id " + Long.toHexString(token)
					+ " does not fit into a fencing token: there were more than two million elections of a leader. "
					+ "Move the locks to a new ensemble", null);
		}
		// The session may have been confirmed anew since.
		Deadline ofSession = validUntil(node);
		Deadline ofLease = Deadline.ofLease(askedNanoTime, attempt.lease());
		node.grant(Deadline.after(askedNanoTime, attempt.lease()));
		return new Grant(token, ofLease.orEarlier(ofSession));
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
		return this.requests.await(delete(session, node, path));
	}

	private boolean removeByOwner(Session.Confirmed session, OwnNode node) throws KeeperException {
		boolean removed = false;
		for (NodeName name : lineOfLeader(session, node).of(node.hold().owner())) {
			removed |= this.requests.await(
					this.requests.delete(session.client(), this.buckets.path(node.hold().key()) + "/" + name.name()));
		}
		return removed;
	}

	/**
	 * Sends the deletion of a node.
	 */
	CompletableFuture<Boolean> delete(Session.Confirmed session, OwnNode node, String path) {
		return this.requests.delete(session.client(), path).thenApply((there) -> {
			this.buckets.renew(session.client(), node.hold().key(), NodeName.sequence(path));
			return there;
		});
	}

	<T extends @Nullable Object> T await(CompletableFuture<T> answer, Duration patience) throws KeeperException {
		return this.requests.await(answer, patience);
	}

	Requests.@Nullable Node watch(Session.Confirmed session, String path, Watcher watcher) throws KeeperException {
		return this.requests.await(this.requests.read(session.client(), path, watcher));
	}

	void unwatch(Session.Confirmed session, String path) {
		this.requests.unwatch(session.client(), path);
	}

}
