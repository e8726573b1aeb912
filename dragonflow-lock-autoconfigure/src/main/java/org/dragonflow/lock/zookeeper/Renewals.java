package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.apache.zookeeper.KeeperException;
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

	Renewals(OwnNodes nodes, Requests requests, String root) {
		this.nodes = nodes;
		this.requests = requests;
		this.root = root;
	}

	/**
	 * As a driver promises it.
	 * @param present a session that the servers surely keep
	 * @throws KeeperException if it is unknown whether a hold is there
	 */
	Renewal renew(Session.Confirmed present, Collection<Hold> holds, Duration lease) throws KeeperException {
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
				looks.put(node, this.requests.read(present.client(), path, this.nodes.watcher(node, path)));
			}
		}
		for (Map.Entry<OwnNode, CompletableFuture<Requests.@Nullable Node>> look : looks.entrySet()) {
			Requests.Node found = this.requests.await(look.getValue());
			if (found != null) {
				look.getKey().watched();
				if (found.isRevoked()) {
					revoked.add(look.getKey().hold());
				}
			}
			else {
				lost.add(look.getKey().hold());
				this.nodes.remove(look.getKey());
			}
		}
		return Renewal.of(holds, present.validUntil().orEarlier(Deadline.ofLease(asked, lease)), lost, revoked);
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
