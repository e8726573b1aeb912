package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

/**
 * All nodes of this client. The session keeps them for as long as the client lives, so it
 * is the client that has to end those that nobody wants any more: leases that were not
 * renewed, attempts whose outcome nobody has settled, releases that failed.
 */
final class OwnNodes implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(OwnNodes.class);

	private static final long SWEEP_MILLIS = 100;

	private final Map<Hold, OwnNode> nodes = new ConcurrentHashMap<>();

	private final Removal removal;

	private final ScheduledThreadPoolExecutor sweeper;

	private volatile Consumer<Hold> lossListener = (hold) -> {
	};

	private volatile Consumer<Hold> revocationListener = (hold) -> {
	};

	OwnNodes(Removal removal, ThreadFactory threads) {
		this.removal = removal;
		this.sweeper = new ScheduledThreadPoolExecutor(1, threads);
		this.sweeper.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.sweeper.scheduleWithFixedDelay(
				// What is thrown out of it would end it for good.
				() -> LockThreads.step(this::sweep, (ex) -> logger.warn("Cannot sweep; trying on", ex)), SWEEP_MILLIS,
				SWEEP_MILLIS, TimeUnit.MILLISECONDS);
	}

	void onRevocation(Consumer<Hold> listener) {
		this.revocationListener = listener;
	}

	void onLoss(Consumer<Hold> listener) {
		this.lossListener = listener;
	}

	/**
	 * The node of an attempt that begins: another one's for the same owner if there was
	 * one. It is busy until {@link #leave}.
	 */
	OwnNode enter(Hold hold) {
		while (true) {
			OwnNode node = this.nodes.computeIfAbsent(hold, OwnNode::new);
			node.busy.lock();
			if (this.nodes.get(hold) == node) {
				return node;
			}
			// It was removed while we waited for whoever did that.
			node.busy.unlock();
		}
	}

	void leave(OwnNode node) {
		node.busy.unlock();
	}

	@Nullable OwnNode get(Hold hold) {
		return this.nodes.get(hold);
	}

	void remove(OwnNode node) {
		this.nodes.remove(node.hold(), node);
	}

	/**
	 * Tells of what somebody else has done to a node: deleted it, or asked for its
	 * release.
	 */
	Watcher watcher(OwnNode node, String path) {
		return (WatchedEvent event) -> {
			if (!path.equals(node.path()) || node.hasEnded()) {
				return;
			}
			if (event.getType() == Watcher.Event.EventType.NodeDeleted) {
				lose(node);
				remove(node);
			}
			else if (event.getType() == Watcher.Event.EventType.NodeDataChanged) {
				// The next renewal looks again, and watches anew.
				node.unwatched();
				this.revocationListener.accept(node.hold());
			}
		};
	}

	private void lose(OwnNode node) {
		node.end();
		if (node.isGranted()) {
			this.lossListener.accept(node.hold());
		}
	}

	/**
	 * All nodes of a session are lost. Those of a session that was left rather than ended
	 * are still there: they are deleted once their holders know.
	 */
	void sessionEnded(long sessionId) {
		for (OwnNode node : this.nodes.values()) {
			// One of an attempt under way is that attempt's matter.
			if (node.isOf(sessionId) && node.busy.tryLock()) {
				try {
					if (node.isOf(sessionId) && !node.hasEnded()) {
						lose(node);
					}
				}
				finally {
					node.busy.unlock();
				}
			}
		}
	}

	private void sweep() {
		for (OwnNode node : this.nodes.values()) {
			if (node.leaseEnd().hasPassed() && node.busy.tryLock()) {
				try {
					if (node.leaseEnd().hasPassed() && !end(node)) {
						// The servers do not answer; the others would fail as well.
						return;
					}
				}
				finally {
					node.busy.unlock();
				}
			}
		}
	}

	private boolean end(OwnNode node) {
		node.end();
		try {
			this.removal.remove(node);
			remove(node);
			return true;
		}
		catch (KeeperException ex) {
			logger.debug("Trying on to delete what is left of " + node.hold().key(), ex);
			return !StoreErrors.leavesOutcomeUnknown(ex);
		}
		catch (Throwable ex) {
			// The sweeping goes on, also where the client has found no thread.
			logger.warn("Cannot delete what is left of " + node.hold().key(), ex);
			return true;
		}
	}

	/**
	 * Ends the sweeping, and deletes what is left.
	 * @param patience how long to wait for attempts that are about to give up
	 */
	void close(Duration patience) {
		this.sweeper.shutdownNow();
		for (OwnNode node : this.nodes.values()) {
			try {
				if (!node.busy.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
					return;
				}
				try {
					if (this.nodes.get(node.hold()) == node && !end(node)) {
						return;
					}
				}
				finally {
					node.busy.unlock();
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
		}
	}

	@Override
	public void close() {
		this.sweeper.shutdownNow();
	}

	/**
	 * How a node is deleted.
	 */
	interface Removal {

		/**
		 * Deletes a node.
		 * @return whether it was there
		 * @throws KeeperException if that is unknown
		 */
		boolean remove(OwnNode node) throws KeeperException;

	}

}
