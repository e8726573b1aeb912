package org.dragonflow.lock.zookeeper;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

import org.apache.zookeeper.KeeperException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.PartialAnswerException;
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

	private final BiFunction<String, KeeperException, LockStoreException> failure;

	ManyNodes(Access access, OwnNodes nodes, BiFunction<String, KeeperException, LockStoreException> failure) {
		this.access = access;
		this.nodes = nodes;
		this.failure = failure;
	}

	/**
	 * Takes those locks that are free. What may be there of those that have failed ends
	 * with the attempts' lease.
	 * @param attempts none of which has a node yet
	 */
	List<@Nullable Grant> take(List<LockAttempt> attempts) {
		Answers answers = new Answers("Taking the lock", this.access.timeout(), this.failure);
		List<@Nullable Grant> grants = new ArrayList<>(attempts.size());
		for (int i = 0; i < attempts.size(); i += CHUNK) {
			List<Entry> entries = attempts.subList(i, Math.min(i + CHUNK, attempts.size()))
				.stream()
				.map((attempt) -> new Entry(attempt, this.nodes.enter(attempt.hold())))
				.toList();
			try {
				List<Entry> open = entries;
				while (!open.isEmpty()) {
					open = join(open, answers);
				}
				entries.forEach((entry) -> grants.add(entry.grant));
			}
			finally {
				entries.forEach(this::leave);
			}
		}
		return PartialAnswerException.unlessUnknown(grants, answers.unknown(attempts));
	}

	/**
	 * The session.
	 * @return null if there is none; then nothing is known of the nodes
	 */
	private Session.@Nullable Confirmed session(List<OwnNode> nodes, Answers answers) {
		try {
			answers.throwIfSilent();
			return this.access.session();
		}
		catch (KeeperException ex) {
			nodes.forEach((node) -> answers.fail(node.hold(), ex));
			return null;
		}
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
	private List<Entry> join(List<Entry> entries, Answers answers) {
		Session.Confirmed session = session(entries.stream().map((entry) -> entry.node).toList(), answers);
		if (session == null) {
			return List.of();
		}
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
		List<Entry> homeless = new ArrayList<>();
		for (Entry entry : entries) {
			answers.take(entry.attempt.hold(), (patience) -> {
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
					homeless.add(entry);
				}
			});
		}
		try {
			if (!homeless.isEmpty()) {
				this.access.buckets()
					.create(session.client(),
							homeless.stream().map((entry) -> entry.attempt.key()).collect(Collectors.toSet()));
				again.addAll(homeless);
			}
		}
		catch (KeeperException ex) {
			homeless.forEach((entry) -> answers.fail(entry.attempt.hold(), ex));
		}
		remove(session, refused, answers);
		return again;
	}

	/**
	 * Releases.
	 * @return those holds whose node was there, and was theirs. Those of which that is
	 * not known are tried on.
	 */
	Set<Hold> release(Collection<Hold> holds) {
		Answers answers = new Answers("Releasing the lock", this.access.timeout(), this.failure);
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
				Session.Confirmed session = session(busy, answers);
				if (session != null) {
					Set<OwnNode> removed = remove(session, busy, answers);
					removed.retainAll(ours);
					removed.forEach((node) -> released.add(node.hold()));
				}
			}
			finally {
				busy.forEach((node) -> node.busy.unlock());
			}
		}
		return PartialAnswerException.unlessUnknown(released, answers.unknown(all));
	}

	/**
	 * Deletes nodes.
	 * @return those that were there
	 */
	private Set<OwnNode> remove(Session.Confirmed session, List<OwnNode> unwanted, Answers answers) {
		Map<OwnNode, CompletableFuture<Boolean>> deletions = new HashMap<>();
		for (OwnNode node : unwanted) {
			String path = node.path();
			if (path != null && !node.isDoubtful()) {
				deletions.put(node, this.access.delete(session, node, path));
			}
		}
		Set<OwnNode> removed = new HashSet<>();
		for (OwnNode node : unwanted) {
			answers.take(node.hold(), (patience) -> {
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

}
