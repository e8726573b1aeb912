package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisNode;

/**
 * Where this client listens to what servers tell waiters: at the one server, or at each
 * master of a cluster that has a lock which somebody here waits for. A node of a cluster
 * counts its own subscribers only: a waiter that listened elsewhere could not be told
 * from a dead one. Each node has a channel of its own, because a message goes to all of
 * them.
 */
final class HandOverListeners {

	// Where the application's own connection leads.
	private static final String ANYWHERE = "";

	private final RedisConnectionFactory factory;

	private final ScriptRunner runner;

	private final RedisKeys keys;

	private final WaiterRegistry waiters;

	// Locks with the same tag are at the same node.
	private final AtomicReferenceArray<@Nullable HandOverListener> byTag = new AtomicReferenceArray<>(RedisKeys.TAGS);

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<String, HandOverListener> byNode = new HashMap<>();

	private boolean closed;

	HandOverListeners(RedisConnectionFactory factory, ScriptRunner runner, RedisKeys keys, WaiterRegistry waiters) {
		this.factory = factory;
		this.runner = runner;
		this.keys = keys;
		this.waiters = waiters;
		runner.onDisconnect(() -> {
			// A node that has died may not come back: who waits for its locks has to find
			// them elsewhere. A single server comes back, and confirms the subscription.
			if (runner.isClustered()) {
				waiters.lookAgain();
			}
		});
	}

	/**
	 * Who listens already where a lock was when it was last waited for.
	 * @return null if nobody does
	 */
	@Nullable HandOverListener listening(LockKey key) {
		HandOverListener known = this.byTag.get(RedisKeys.tag(key));
		return (known != null && known.isListening()) ? known : null;
	}

	/**
	 * Begins to listen where a lock is now, unless somebody does, and returns when the
	 * server has confirmed that.
	 */
	HandOverListener listen(LockKey key, Duration timeout) {
		HandOverListener listener = this.runner.isClustered() ? atNodeOf(key) : at(ANYWHERE, null);
		listener.listen(timeout);
		this.byTag.set(RedisKeys.tag(key), listener);
		return listener;
	}

	private HandOverListener atNodeOf(LockKey key) {
		ClusterMasters masters = ClusterMasters.seenBy(this.factory);
		RedisNode node = masters.withKey(this.keys.lock(key));
		if (node == null) {
			throw LockStoreException.unreachable("No node of the cluster has " + key + " at the moment", null);
		}
		HandOverListener listener = at(node.asString(), node);
		closeAllBut(masters.addresses());
		return listener;
	}

	private HandOverListener at(String address, @Nullable RedisNode node) {
		this.lock.lock();
		try {
			if (this.closed) {
				throw LockStoreException.unreachable("The driver has been closed", null);
			}
			return this.byNode.computeIfAbsent(address, (missing) -> {
				NodeConnections connections = NodeConnections.of(this.factory, node);
				return new HandOverListener(connections, this.keys.channel(UUID.randomUUID().toString()), this.waiters);
			});
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Nobody is told of anything any more at a node that has no locks.
	 */
	private void closeAllBut(Set<String> addresses) {
		List<HandOverListener> left = new ArrayList<>();
		this.lock.lock();
		try {
			Set<String> gone = this.byNode.keySet()
				.stream()
				.filter((address) -> !addresses.contains(address))
				.collect(Collectors.toSet());
			gone.forEach((address) -> left.add(this.byNode.remove(address)));
		}
		finally {
			this.lock.unlock();
		}
		if (!left.isEmpty()) {
			left.forEach(HandOverListener::close);
			this.waiters.lookAgain();
		}
	}

	void close() {
		this.lock.lock();
		try {
			this.closed = true;
		}
		finally {
			this.lock.unlock();
		}
		closeAllBut(Set.of());
	}

}
