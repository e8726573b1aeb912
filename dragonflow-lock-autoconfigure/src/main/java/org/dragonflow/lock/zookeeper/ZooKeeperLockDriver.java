package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.KeeperException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.LockThreads;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Locks as nodes in ZooKeeper. An attempt is an ephemeral, sequential node; the lowest
 * one of a key holds the lock, and each of the others watches the next lower one. The
 * token is the id of the transaction that has created the node.
 * <p>
 * A hold lasts as long as the client's session, so renewing one sends nothing. The first
 * renewal alone looks whether the node is there, and leaves a watch on it. A lease that
 * is not renewed is ended by this client; if it is dead, by the end of its session.
 */
public final class ZooKeeperLockDriver implements LockDriver {

	// Half of what the server's counter can take, and a million creations before its end.
	private static final int RENEW_BUCKETS_FROM = 1 << 30;

	private static final int LAST_SEQUENCE = Integer.MAX_VALUE - (1 << 20);

	private final CuratorFramework client;

	private final Requests requests;

	private final Buckets buckets;

	private final Session session;

	private final Access access;

	private final OwnNodes nodes;

	private final Holders holders;

	private final ManyNodes many;

	private final Renewals renewals;

	private final Set<CompletableFuture<?>> waiting = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean closed = new AtomicBoolean();

	private final Runnable closeClient;

	private final Duration timeout;

	/**
	 * Creates a driver over a client that others use, too.
	 * @param client stays open when the driver is closed; its session's timeout is how
	 * long the locks of a crashed process are kept
	 * @param settings what else there is to know
	 */
	public ZooKeeperLockDriver(CuratorFramework client, ZooKeeperLockSettings settings) {
		this(client, settings, RENEW_BUCKETS_FROM, LAST_SEQUENCE, () -> {
		}, LockThreads::named);
	}

	ZooKeeperLockDriver(CuratorFramework client, ZooKeeperLockSettings settings, int renewBucketsFrom, int lastSequence,
			Runnable closeClient, Function<String, ThreadFactory> threads) {
		// Requests are sent past the client's own builders, and with them its namespace.
		String root = ZKPaths.fixForNamespace(client.getNamespace(), settings.root());
		this.client = client;
		this.timeout = settings.timeout();
		this.requests = new Requests(settings.acl(), this.timeout);
		this.buckets = new Buckets(root, this.requests, renewBucketsFrom, lastSequence);
		this.nodes = new OwnNodes((node) -> access().remove(node), threads.apply("zookeeper-sweeper"));
		try {
			this.session = new Session(client, root, this.requests, this.nodes::sessionEnded,
					threads.apply("zookeeper-session"));
		}
		catch (Throwable ex) {
			this.nodes.close();
			throw ex;
		}
		this.access = new Access(this.session, this.requests, this.buckets, this.timeout);
		this.holders = new Holders(this.access, this.requests, this.buckets);
		this.many = new ManyNodes(this.access, this.nodes, this::failure);
		this.renewals = new Renewals(this.nodes, this.requests, root, this.timeout, this::failure);
		this.closeClient = closeClient;
	}

	/**
	 * Creates a driver that has a client of its own.
	 * @param client closed with the driver
	 * @param settings what else there is to know
	 * @return a new driver
	 */
	public static ZooKeeperLockDriver owning(CuratorFramework client, ZooKeeperLockSettings settings) {
		try {
			return new ZooKeeperLockDriver(client, settings, RENEW_BUCKETS_FROM, LAST_SEQUENCE, client::close,
					LockThreads::named);
		}
		catch (Throwable ex) {
			client.close();
			throw ex;
		}
	}

	private Access access() {
		return this.access;
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		this.access.refuseWhenClosed();
		OwnNode node = this.nodes.enter(attempt.hold());
		Grant grant = null;
		boolean unknown = false;
		try {
			// The node of a hold that has ended may only be deleted.
			if (node.hasEnded()) {
				this.access.remove(node);
				this.nodes.remove(node);
				return acquire(attempt);
			}
			node.endAt(Deadline.NEVER);
			grant = new Turn(this.access, attempt, node, this.waiting).take();
			return grant;
		}
		catch (KeeperException ex) {
			// The engine repeats the attempt or releases it. Should it do neither, the
			// node is deleted when its lease has ended.
			unknown = StoreErrors.leavesOutcomeUnknown(ex);
			node.endAt(Deadline.in(attempt.lease()));
			throw failure("Taking the lock '" + attempt.key().objectId() + "' failed", ex);
		}
		finally {
			if (grant == null && !unknown && !node.hasEnded()) {
				remove(node);
			}
			this.nodes.leave(node);
		}
	}

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		this.access.refuseWhenClosed();
		if (attempts.stream().anyMatch((attempt) -> this.nodes.get(attempt.hold()) != null)) {
			// Of one that is repeated the node may be there already: it is looked for.
			return LockDriver.super.acquireFree(attempts);
		}
		return this.many.take(attempts);
	}

	/**
	 * Deletes the node of an attempt that came to nothing: now, or when the servers
	 * answer again.
	 */
	private void remove(OwnNode node) {
		node.end();
		if (node.path() == null && !node.isDoubtful()) {
			this.nodes.remove(node);
			return;
		}
		try {
			this.access.remove(node);
			this.nodes.remove(node);
		}
		catch (KeeperException ex) {
			// It is in the list of those to delete.
		}
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Session.Confirmed present = this.session.last();
		if (present == null || present.validUntil().hasPassed()) {
			throw LockStoreException.unreachable("ZooKeeper has not answered for too long to rely on the session",
					null);
		}
		return this.renewals.renew(present, holds, lease);
	}

	@Override
	public boolean release(Hold hold) {
		OwnNode known = this.nodes.get(hold);
		// A hold of another client is found by its owner.
		OwnNode node = (known != null) ? known : new OwnNode(hold);
		node.busy.lock();
		try {
			// From here on its deletion is no loss, and is tried until it is done.
			boolean ours = known != null && !node.hasEnded();
			node.end();
			boolean removed = this.access.remove(node);
			this.nodes.remove(node);
			return removed && (ours || known == null);
		}
		catch (KeeperException ex) {
			throw failure("Releasing the lock '" + hold.key().objectId() + "' failed", ex);
		}
		finally {
			node.busy.unlock();
		}
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		return this.many.release(holds);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		try {
			return this.holders.look(key);
		}
		catch (KeeperException ex) {
			throw failure("Looking at the lock '" + key.objectId() + "' failed", ex);
		}
	}

	private LockStoreException failure(String what, KeeperException ex) {
		return StoreErrors.translate(what, this.client.getZookeeperClient().getCurrentConnectionString(), ex);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		try {
			return this.holders.requestRevocation(hold);
		}
		catch (KeeperException ex) {
			throw failure("Asking for the release of '" + hold.key().objectId() + "' failed", ex);
		}
	}

	@Override
	public void onRevocation(Consumer<Hold> listener) {
		this.nodes.onRevocation(listener);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.nodes.onLoss(listener);
	}

	@Override
	public void close() {
		if (this.closed.compareAndSet(false, true)) {
			this.access.close();
			LockStoreException reason = LockStoreException.unreachable("The ZooKeeper driver is closed", null);
			this.waiting.forEach((wait) -> wait.completeExceptionally(reason));
			// A client that others use would keep them.
			this.nodes.close(this.timeout);
			this.session.close();
			this.closeClient.run();
		}
	}

}
