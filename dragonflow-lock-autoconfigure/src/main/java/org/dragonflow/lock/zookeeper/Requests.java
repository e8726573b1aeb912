package org.dragonflow.lock.zookeeper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are sent at once and answered later. ZooKeeper handles the requests of
 * one session in the order in which they were sent, so several may be sent together.
 */
final class Requests {

	private static final byte[] NO_DATA = new byte[0];

	// After a node's own data, once somebody has asked for its release.
	private static final String REVOKED = " revoked";

	private final List<ACL> acl;

	private final Duration timeout;

	Requests(List<ACL> acl, Duration timeout) {
		this.acl = acl;
		this.timeout = timeout;
	}

	CompletableFuture<Node> createInLine(ZooKeeper client, String path, byte[] data) {
		Answer<Node> answer = new Answer<>();
		client.create(path, data, this.acl, CreateMode.EPHEMERAL_SEQUENTIAL, (rc, asked, context, name, stat) -> answer
			.complete(rc, asked, (stat != null) ? new Node(name, stat, data) : null), null);
		return answer;
	}

	/**
	 * Creates a node that stays; that it is there already is as good.
	 */
	CompletableFuture<@Nullable Void> createForGood(ZooKeeper client, String path) {
		Answer<@Nullable Void> answer = new Answer<>(KeeperException.Code.NODEEXISTS);
		client.create(path, NO_DATA, this.acl, CreateMode.PERSISTENT,
				(AsyncCallback.StringCallback) (rc, asked, context, name) -> answer.complete(rc, asked, null), null);
		return answer;
	}

	CompletableFuture<List<String>> children(ZooKeeper client, String path) {
		Answer<List<String>> answer = new Answer<>();
		client.getChildren(path, false,
				(AsyncCallback.ChildrenCallback) (rc, asked, context, children) -> answer.complete(rc, asked, children),
				null);
		return answer;
	}

	/**
	 * Reads a node, and watches it if it is there. Not by {@code exists}, which would
	 * leave a watch also where nothing is.
	 * @param watcher told of the first change, null for none
	 * @return null if there is no such node
	 */
	CompletableFuture<@Nullable Node> read(ZooKeeper client, String path, @Nullable Watcher watcher) {
		Answer<@Nullable Node> answer = new Answer<>(KeeperException.Code.NONODE);
		client.getData(path, watcher, (rc, asked, context, data, stat) -> answer.complete(rc, asked,
				(stat != null) ? new Node(path, stat, (data != null) ? data : NO_DATA) : null), null);
		return answer;
	}

	/**
	 * Writes nothing, for the sake of the server's clock.
	 * @return the node with the time of this
	 */
	CompletableFuture<Stat> touch(ZooKeeper client, String path) {
		Answer<Stat> answer = new Answer<>();
		client.setData(path, NO_DATA, -1, (rc, asked, context, stat) -> answer.complete(rc, asked, stat), null);
		return answer;
	}

	/**
	 * Marks a node as one whose release is asked for, which its watcher is told.
	 * @return whether it was there
	 */
	CompletableFuture<Boolean> revoke(ZooKeeper client, Node node) {
		CompletableFuture<Boolean> answer = new CompletableFuture<>();
		byte[] marked = (node.text() + (node.isRevoked() ? "" : REVOKED)).getBytes(StandardCharsets.US_ASCII);
		client.setData(node.path(), marked, -1, (rc, asked, context, stat) -> completeIfThere(answer, code(rc), asked),
				null);
		return answer;
	}

	/**
	 * Deletes a node.
	 * @return whether it was there
	 */
	CompletableFuture<Boolean> delete(ZooKeeper client, String path) {
		CompletableFuture<Boolean> answer = new CompletableFuture<>();
		client.delete(path, -1, (rc, asked, context) -> completeIfThere(answer, code(rc), asked), null);
		return answer;
	}

	private static void completeIfThere(CompletableFuture<Boolean> answer, KeeperException.Code code, String asked) {
		if (code == KeeperException.Code.OK || code == KeeperException.Code.NONODE) {
			answer.complete(code == KeeperException.Code.OK);
		}
		else {
			answer.completeExceptionally(KeeperException.create(code, asked));
		}
	}

	/**
	 * Takes back all data watches of this client on a path, here and at the server.
	 */
	void unwatch(ZooKeeper client, String path) {
		// Whatever the answer is: a watch that was told meanwhile is gone as well.
		client.removeAllWatches(path, WatcherType.Data, true, (rc, asked, context) -> {
		}, null);
	}

	/**
	 * Has the server catch up with the leader before it answers what comes next.
	 */
	CompletableFuture<@Nullable Void> sync(ZooKeeper client, String path) {
		Answer<@Nullable Void> answer = new Answer<>();
		client.sync(path, (rc, asked, context) -> answer.complete(rc, asked, null), null);
		return answer;
	}

	/**
	 * Waits for an answer, also through an interrupt: what has been sent will happen.
	 * @throws KeeperException if the answer is an error or does not come in time
	 */
	<T extends @Nullable Object> T await(CompletableFuture<T> answer) throws KeeperException {
		return await(answer, this.timeout);
	}

	<T extends @Nullable Object> T await(CompletableFuture<T> answer, Duration patience) throws KeeperException {
		Deadline deadline = Deadline.in(patience);
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return answer.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
				catch (TimeoutException ex) {
					throw new KeeperException.OperationTimeoutException();
				}
				catch (ExecutionException ex) {
					if (ex.getCause() instanceof KeeperException failure) {
						throw failure;
					}
					throw new IllegalStateException(ex.getCause());
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private static KeeperException.Code code(int rc) {
		KeeperException.Code code = KeeperException.Code.get(rc);
		return (code != null) ? code : KeeperException.Code.SYSTEMERROR;
	}

	/**
	 * A node as it was at one moment.
	 *
	 * @param path where it is
	 * @param stat what the server knows of it
	 * @param data what is in it
	 */
	record Node(String path, Stat stat, byte[] data) {

		/**
		 * What the node says of a hold.
		 * @param touched a node that has just been touched: by the same clock, it is now
		 */
		LockRecord toRecord(Hold hold, Stat touched) {
			Duration age = Duration.ofMillis(Math.max(0, touched.getMtime() - this.stat.getCtime()));
			return new LockRecord(hold, this.stat.getCzxid(), age, sessionTimeout());
		}

		/**
		 * Whether its release is asked for.
		 */
		boolean isRevoked() {
			return text().endsWith(REVOKED);
		}

		private String text() {
			return new String(this.data, StandardCharsets.US_ASCII);
		}

		private Duration sessionTimeout() {
			try {
				return Duration.ofMillis(Long.parseLong(text().replace(REVOKED, "")));
			}
			catch (NumberFormatException ex) {
				// Written by somebody else.
				return Duration.ZERO;
			}
		}

	}

	private static final class Answer<T extends @Nullable Object> extends CompletableFuture<T> {

		private final KeeperException.@Nullable Code alsoFine;

		Answer() {
			this(null);
		}

		Answer(KeeperException.@Nullable Code alsoFine) {
			this.alsoFine = alsoFine;
		}

		@SuppressWarnings("NullAway")
		void complete(int rc, String path, @Nullable T value) {
			KeeperException.Code code = code(rc);
			if (code == KeeperException.Code.OK || code == this.alsoFine) {
				complete(value);
			}
			else {
				completeExceptionally(KeeperException.create(code, path));
			}
		}

	}

}
