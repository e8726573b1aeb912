package org.dragonflow.lock.zookeeper;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * One attempt's way to the head of the line.
 */
final class Turn {

	// Costs three small requests, and lets an attempt find that somebody has deleted its
	// own node.
	private static final long LONGEST_BLIND_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

	private final Access access;

	private final LockAttempt attempt;

	private final OwnNode node;

	private final Set<CompletableFuture<?>> waiting;

	private long askedNanoTime;

	/**
	 * Prepares an attempt.
	 * @param node the attempt's node, which is busy
	 * @param waiting where a wait is found by whoever wants to end it
	 */
	Turn(Access access, LockAttempt attempt, OwnNode node, Set<CompletableFuture<?>> waiting) {
		this.access = access;
		this.attempt = attempt;
		this.node = node;
		this.waiting = waiting;
	}

	/**
	 * Stands in line until it is this attempt's turn, or its wait ends. A connection or
	 * session that is lost on the way is made up for, for as long as an answer may take.
	 * @return the grant, or null if another still holds the lock
	 * @throws KeeperException if the outcome is unknown, or the server refuses
	 */
	@Nullable Grant take() throws KeeperException, InterruptedException {
		Deadline bearable = Deadline.NEVER;
		while (true) {
			try {
				Session.Confirmed session = this.access.session();
				Line line = line(session);
				bearable = Deadline.NEVER;
				if (line == null) {
					continue;
				}
				NodeName before = line.before(this.node.hold().owner(), this.node.sequence());
				if (before == null) {
					return this.access.grant(this.attempt, this.node, this.askedNanoTime);
				}
				if (this.attempt.waitUntil().hasPassed()) {
					return null;
				}
				awaitEnd(session, this.access.buckets().path(this.attempt.key()) + "/" + before.name());
			}
			catch (KeeperException ex) {
				if (bearable == Deadline.NEVER) {
					bearable = Deadline.in(this.access.timeout());
				}
				if (!StoreErrors.leavesOutcomeUnknown(ex) || bearable.hasPassed()
						|| ex instanceof KeeperException.OperationTimeoutException) {
					throw ex;
				}
			}
		}
	}

	/**
	 * The line with this attempt in it, or null if it has to be asked for again.
	 */
	private @Nullable Line line(Session.Confirmed session) throws KeeperException {
		this.askedNanoTime = System.nanoTime();
		Line line;
		if (this.node.isDoubtful() || (this.node.path() != null && !this.node.isOf(session.id()))) {
			line = this.access.recover(session, this.node);
		}
		else {
			line = (this.node.path() == null) ? this.access.join(session, this.node)
					: this.access.line(session, this.node);
		}
		if (line != null && line.of(this.node.hold().owner()).isEmpty()) {
			// Deleted by somebody else: all over again.
			this.node.forget();
			return null;
		}
		return line;
	}

	/**
	 * Waits until a node is gone, or it is time to look again.
	 */
	private void awaitEnd(Session.Confirmed session, String path) throws KeeperException, InterruptedException {
		Signal signal = new Signal();
		this.waiting.add(signal);
		try {
			if (this.access.watch(session, path, signal) == null) {
				// It went while we read the line; no watch is left.
				return;
			}
			this.access.refuseWhenClosed();
			long nanos = Math.min(this.attempt.waitUntil().remainingNanos(),
					Math.min(session.timeout().toNanos(), LONGEST_BLIND_WAIT_NANOS));
			signal.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			// The wait is over, or it is time to look without having been told.
			this.access.unwatch(session, path);
		}
		catch (InterruptedException ex) {
			this.access.unwatch(session, path);
			throw ex;
		}
		catch (ExecutionException ex) {
			this.access.unwatch(session, path);
			this.access.refuseWhenClosed();
		}
		finally {
			this.waiting.remove(signal);
		}
	}

	/**
	 * The end of the node that it watches, or of the own session.
	 */
	private static final class Signal extends CompletableFuture<Boolean> implements Watcher {

		private static final List<Event.KeeperState> ENDS = List.of(Event.KeeperState.Expired, Event.KeeperState.Closed,
				Event.KeeperState.AuthFailed);

		@Override
		public void process(WatchedEvent event) {
			// A connection that is lost and comes back brings the watch along.
			if (event.getType() != Event.EventType.None || ENDS.contains(event.getState())) {
				complete(true);
			}
		}

	}

}
