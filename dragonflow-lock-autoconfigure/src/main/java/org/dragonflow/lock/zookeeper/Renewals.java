package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

import org.apache.zookeeper.KeeperException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Renews holds, for which nothing is sent: they last as long as the session. The first
 * renewal of one alone looks whether its node is there, and leaves a watch on it.
 */
final class Renewals {

	private final OwnNodes nodes;

	private final Requests requests;

	private final String root;

	private final Duration timeout;

	private final BiFunction<String, KeeperException, LockStoreException> failure;

	Renewals(OwnNodes nodes, Requests requests, String root, Duration timeout,
			BiFunction<String, KeeperException, LockStoreException> failure) {
		this.nodes = nodes;
		this.requests = requests;
		this.root = root;
		this.timeout = timeout;
		this.failure = failure;
	}

	/**
	 * As a driver promises it.
	 * @param present a session that the servers surely keep
	 */
	Renewal renew(Session.Confirmed present, Collection<Hold> holds, Duration lease) {
		long asked = System.nanoTime();
		Set<Hold> lost = new HashSet<>();
		Set<Hold> revoked = new HashSet<>();
		boolean caughtUp = false;
		Map<OwnNode, CompletableFuture<Requests.@Nullable Node>> looks = new HashMap<>();
		for (Hold hold : holds) {
			OwnNode node = this.nodes.get(hold);
			if (node == null || !extend(node, present, Deadline.after(asked, lease))) {
				lost.add(hold);
			}
			else if (!node.isWatched()) {
				if (!caughtUp) {
					// So that what others have done before this is seen.
					this.requests.sync(present.client(), this.root);
					caughtUp = true;
				}
				String path = String.valueOf(node.path());
				// Before the look is sent: its watch may have told something, and be
				// gone,
				// before the answer is read here.
				node.watched();
				looks.put(node, this.requests.read(present.client(), path, this.nodes.watcher(node, path)));
			}
		}
		// What the looks are waiting for must not keep back for too long that the others
		// are renewed.
		Duration third = lease.dividedBy(3);
		Answers answers = new Answers("Renewing the lock", (third.compareTo(this.timeout) < 0) ? third : this.timeout,
				this.failure);
		looks.forEach((node, look) -> answers.take(node.hold(), (patience) -> {
			Requests.Node found;
			try {
				found = this.requests.await(look, patience);
			}
			catch (KeeperException | LockStoreException ex) {
				// Whether there is a watch is not known.
				node.unwatched();
				throw ex;
			}
			if (found == null) {
				lost.add(node.hold());
				this.nodes.remove(node);
				return;
			}
			if (found.isRevoked()) {
				revoked.add(node.hold());
			}
		}));
		Map<Hold, LockStoreException> unknown = answers.unknown(holds);
		List<Hold> known = holds.stream().filter((hold) -> !unknown.containsKey(hold)).toList();
		Deadline validUntil = present.validUntil().orEarlier(Deadline.ofLease(asked, lease));
		return new Renewal(Renewal.of(known, validUntil, lost, revoked).renewed(), lost, unknown, revoked);
	}

	private static boolean extend(OwnNode node, Session.Confirmed present, Deadline leaseEnd) {
		// Busy is one that is being released or ended.
		if (!node.busy.tryLock()) {
			return false;
		}
		try {
			if (node.hasEnded() || !node.isOf(present.id()) || node.leaseEnd().hasPassed()) {
				return false;
			}
			node.endAt(leaseEnd);
			return true;
		}
		finally {
			node.busy.unlock();
		}
	}

}
