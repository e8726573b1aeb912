package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.apache.zookeeper.KeeperException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes and releases many locks in as many round trips as one takes: what is asked for
 * one of them is sent before the answer for another is there. Not in one transaction of
 * the server, in which one refusal would undo all, and which does not tell the tokens.
 */
final class ManyNodes {

	/**
	 * For how many locks at most requests are under way: those for the session's sake
	 * come after them.
	 */
	static final int CHUNK = 500;

	private final Access access;

	private final OwnNodes nodes;

	ManyNodes(Access access, OwnNodes nodes) {
		this.access = access;
		this.nodes = nodes;
	}

	/**
	 * Takes those locks that are free.
	 * @param attempts none of which has a node yet
	 * @return the grants, in the order of the attempts; null in place of those refused
	 * @throws KeeperException if the outcome is unknown for at least one, or the server
	 * refuses one. The nodes that there may be end with the attempts' lease.
	 */
	List<@Nullable Grant> take(List<LockAttempt> attempts) throws KeeperException {
		List<@Nullable Grant> grants = new ArrayList<>(attempts.size());
		for (int i = 0; i < attempts.size(); i += CHUNK) {
			List<Entry> entries = attempts.subList(i, Math.min(i + CHUNK, attempts.size()))
				.stream()
				.map((attempt) -> new Entry(attempt, this.nodes.enter(attempt.hold())))
				.toList();
			try {
				List<Entry> open = entries;
				while (!open.isEmpty()) {
					open = join(open);
				}
				entries.forEach((entry) -> grants.add(entry.grant));
			}
			finally {
				entries.forEach(this::leave);
			}
		}
		return grants;
	}

	private void leave(Entry entry) {
		OwnNode node = entry.node;
		if (node.path() == null && !node.isDoubtful()) {
			this.nodes.remove(node);
		}
		else if (entry.grant == null) {
			// The engine repeats the attempts or releases them. Should it do neither, the
			// node is deleted when its lease has ended.
			node.endAt(Deadline.in(entry.attempt.lease()));
		}
		this.nodes.leave(node);
	}

	/**
	 * Joins all lines, and leaves those that another is the first of.
	 * @return those that have to be asked for again
	 */
	private List<Entry> join(List<Entry> entries) throws KeeperException {
		Session.Confirmed session = this.access.session();
		long asked = System.nanoTime();
		entries.forEach((entry) -> entry.created = this.access.create(session, entry.node));
		// One look into a bucket for all that have been put into it before.
		Map<String, CompletableFuture<List<String>>> children = new HashMap<>();
		for (Entry entry : entries) {
			LockKey key = entry.attempt.key();
			entry.children = children.computeIfAbsent(this.access.buckets().path(key),
					(bucket) -> this.access.children(session, key));
		}
		List<Entry> again = new ArrayList<>();
		List<OwnNode> refused = new ArrayList<>();
		Set<LockKey> homeless = new HashSet<>();
		Answers answers = new Answers();
		for (Entry entry : entries) {
			answers.take((patience) -> {
				try {
					Line line = this.access.adopt(session, entry.node, entry.created, entry.children, patience);
					if (line == null) {
						again.add(entry);
					}
					else if (line.before(entry.node.hold().owner(), entry.node.sequence()) == null) {
						entry.grant = this.access.grant(entry.attempt, entry.node, asked);
					}
					else {
						refused.add(entry.node);
					}
				}
				catch (KeeperException.NoNodeException ex) {
					homeless.add(entry.attempt.key());
					again.add(entry);
				}
			});
		}
		answers.throwFirstFailure();
		if (!homeless.isEmpty()) {
			this.access.buckets().create(session.client(), homeless);
		}
		remove(session, refused);
		return again;
	}

	/**
	 * Releases.
	 * @return those holds whose node was there, and was theirs
	 * @throws KeeperException if that is unknown for at least one. The others are
	 * released, and that one is tried on.
	 */
	Set<Hold> release(Collection<Hold> holds) throws KeeperException {
		List<Hold> all = List.copyOf(new LinkedHashSet<>(holds));
		Set<Hold> released = new HashSet<>();
		for (int i = 0; i < all.size(); i += CHUNK) {
			List<OwnNode> busy = new ArrayList<>();
			try {
				Set<OwnNode> ours = new HashSet<>();
				for (Hold hold : all.subList(i, Math.min(i + CHUNK, all.size()))) {
					OwnNode known = this.nodes.get(hold);
					// A hold of another client is found by its owner.
					OwnNode node = (known != null) ? known : new OwnNode(hold);
					node.busy.lock();
					busy.add(node);
					if (known == null || !node.hasEnded()) {
						ours.add(node);
					}
					// From here on its deletion is no loss, and is tried until it is
					// done.
					node.end();
				}
				for (OwnNode node : remove(this.access.session(), busy)) {
					if (ours.contains(node)) {
						released.add(node.hold());
					}
				}
			}
			finally {
				busy.forEach((node) -> node.busy.unlock());
			}
		}
		return released;
	}

	/**
	 * Deletes nodes.
	 * @return those that were there
	 */
	private Set<OwnNode> remove(Session.Confirmed session, List<OwnNode> unwanted) throws KeeperException {
		Map<OwnNode, CompletableFuture<Boolean>> deletions = new HashMap<>();
		for (OwnNode node : unwanted) {
			String path = node.path();
			if (path != null && !node.isDoubtful()) {
				deletions.put(node, this.access.delete(session, node, path));
			}
		}
		Set<OwnNode> removed = new HashSet<>();
		Answers answers = new Answers();
		for (OwnNode node : unwanted) {
			answers.take((patience) -> {
				CompletableFuture<Boolean> deletion = deletions.get(node);
				if (deletion == null && patience.isZero()) {
					throw new KeeperException.OperationTimeoutException();
				}
				if ((deletion != null) ? this.access.await(deletion, patience) : this.access.remove(node)) {
					removed.add(node);
				}
				node.forget();
				this.nodes.remove(node);
			});
		}
		answers.throwFirstFailure();
		return removed;
	}

	/**
	 * An attempt, its node, and the answers about it.
	 */
	private static final class Entry {

		private final LockAttempt attempt;

		private final OwnNode node;

		private CompletableFuture<Requests.Node> created = new CompletableFuture<>();

		private CompletableFuture<List<String>> children = new CompletableFuture<>();

		private @Nullable Grant grant;

		Entry(LockAttempt attempt, OwnNode node) {
			this.attempt = attempt;
			this.node = node;
		}

	}

	/**
	 * Takes the answers to what was sent together: all of them, so that what is known of
	 * each node is right. In vain it waits only once.
	 */
	private final class Answers {

		private Duration patience = ManyNodes.this.access.timeout();

		private @Nullable KeeperException failure;

		void take(Taking taking) {
			try {
				taking.take(this.patience);
			}
			catch (KeeperException ex) {
				if (this.failure == null) {
					this.failure = ex;
				}
				if (ex instanceof KeeperException.OperationTimeoutException) {
					this.patience = Duration.ZERO;
				}
			}
		}

		void throwFirstFailure() throws KeeperException {
			if (this.failure != null) {
				throw this.failure;
			}
		}

	}

	private interface Taking {

		void take(Duration patience) throws KeeperException;

	}

}
