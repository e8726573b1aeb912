package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store for grants, and decides what to do when the outcome is unknown: it asks
 * again for the same owner, which is the same as looking. {@link Releaser} does so for
 * releases.
 */
public record Attempts(Store store, Releaser releaser, Logbook log) {

	// An answer that comes after its lease has ended is worth another try, but not many:
	// the next ones will be as late.
	private static final int TRIES_WHILE_ANSWERS_ARE_LATE = 3;

	/**
	 * Takes a lock, waiting for other instances.
	 * @param grant told of what the store has given, whose lease has not ended; of
	 * nothing if another had the lock until the wait ended
	 */
	public void take(EngineGrant grant, Request request, @Nullable Duration maxHold) throws InterruptedException {
		LockAttempt attempt = grant.attempt();
		Outage outage = new Outage(attempt);
		boolean answered = false;
		try {
			for (int i = 0; i < TRIES_WHILE_ANSWERS_ARE_LATE; i++) {
				Grant answer = acquire(attempt, request, outage);
				if (answer == null) {
					return;
				}
				answered = true;
				if (!answer.validUntil().hasPassed()) {
					grant.granted(answer, maxHold);
					return;
				}
				// It counts as much as none, and is not another's: asked again, the store
				// gives the same owner a whole lease.
			}
			throw late(attempt);
		}
		catch (Throwable ex) {
			boolean refused = ex instanceof LockStoreException failure
					&& (failure.isRefused() || failure.getPause() != null);
			boolean interrupted = ex instanceof InterruptedException;
			// A refusal says nothing of what was asked before it.
			if (answered || outage.met || (!refused && !interrupted)) {
				this.releaser.undo(attempt.hold(), attempt.lease());
			}
			throw ex;
		}
	}

	/**
	 * Asks a store that cannot be reached again until the wait ends, for as long as one
	 * lease at most: a restart of the store is over by then, and a caller without bound
	 * must hear of a store that is gone.
	 */
	private @Nullable Grant acquire(LockAttempt attempt, Request request, Outage outage) throws InterruptedException {
		while (true) {
			// After a failure without a wait, so that a store which answers again is
			// known to. The next failure, maybe hours later, is an outage of its own.
			LockAttempt asked = outage.present ? attempt.withoutWait() : attempt;
			try {
				Grant grant = request.await(() -> this.store.acquire(asked));
				if (grant != null || attempt.waitUntil().hasPassed() || asked == attempt) {
					return grant;
				}
				outage.present = false;
			}
			catch (LockStoreException ex) {
				if (!isWorthAnother(ex, outage)) {
					throw ex;
				}
				this.log.debug("Trying on to take " + attempt.key(), ex);
				outage.pause(request);
			}
		}
	}

	/**
	 * Takes those of several locks that are free. What is unknown of them is asked again
	 * as for one lock, for the same owners.
	 * @param grants at least one; all with the same lease and the same end of the wait.
	 * Each is told of what the store has given
	 */
	public void takeFree(List<EngineGrant> grants, Request request, @Nullable Duration maxHold)
			throws InterruptedException {
		List<EngineGrant> asked = new ArrayList<>(grants);
		Outage outage = new Outage(grants.get(0).attempt());
		try {
			while (!asked.isEmpty()) {
				Map<Hold, LockStoreException> unknown = new HashMap<>();
				List<@Nullable Grant> answers = this.store
					.acquireFree(asked.stream().map(EngineGrant::attempt).toList(), unknown);
				for (int i = 0; i < asked.size(); i++) {
					EngineGrant grant = asked.get(i);
					Grant answer = answers.get(i);
					if (answer != null && !answer.validUntil().hasPassed()) {
						grant.granted(answer, maxHold);
					}
					else if (answer != null) {
						unknown.put(grant.id(), late(grant.attempt()));
					}
				}
				asked.removeIf((grant) -> !unknown.containsKey(grant.id()));
				for (LockStoreException ex : unknown.values()) {
					if (!isWorthAnother(ex, outage)) {
						throw ex;
					}
				}
				if (!asked.isEmpty()) {
					this.log.debug("Trying on to take " + asked.size() + " locks", unknown.values().iterator().next());
					outage.pause(request);
				}
			}
		}
		catch (Throwable ex) {
			// Also where the store has refused: maybe only one of them.
			grants.forEach((grant) -> this.releaser.undo(grant.id(), grant.lease()));
			throw ex;
		}
	}

	private boolean isWorthAnother(LockStoreException failure, Outage outage) {
		return !failure.isRefused() && !this.store.closed().get() && outage.isBearable(failure.getPause());
	}

	private static LockStoreException late(LockAttempt attempt) {
		return LockStoreException.unreachable("The store granted the lock on '" + attempt.key().objectId()
				+ "', but the answer came after the lease of " + attempt.lease() + " had ended. Use a longer lease.",
				null);
	}

	private static final class Outage {

		private final LockAttempt attempt;

		private boolean met;

		private boolean present;

		private Deadline bearableUntil = Deadline.NEVER;

		private long pause = Releaser.FIRST_PAUSE;

		Outage(LockAttempt attempt) {
			this.attempt = attempt;
		}

		/**
		 * @param pause how long a store that answers grants nothing; null if it does not
		 * answer
		 */
		boolean isBearable(@Nullable Duration pause) {
			if (pause != null) {
				this.present = false;
				this.pause = Math.min(pause.toNanos(), Releaser.LONGEST_PAUSE);
				this.bearableUntil = this.attempt.waitUntil();
			}
			else if (!this.present) {
				this.met = true;
				this.present = true;
				this.pause = Releaser.FIRST_PAUSE;
				this.bearableUntil = Deadline.in(this.attempt.lease()).orEarlier(this.attempt.waitUntil());
			}
			return !this.bearableUntil.hasPassed();
		}

		void pause(Request request) throws InterruptedException {
			request.await(() -> {
				TimeUnit.NANOSECONDS.sleep(Math.min(this.pause, this.bearableUntil.remainingNanos()));
				return Boolean.TRUE;
			});
			this.pause = Math.min(this.pause * 2, Releaser.LONGEST_PAUSE);
		}

	}

}
