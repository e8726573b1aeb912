package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * Takes a lock, and waits in its queue where need be.
 */
final class Waiting {

	private static final Log logger = LogFactory.getLog(Waiting.class);

	// Costs next to nothing, and bounds what a message costs that was lost for no reason
	// that anybody could see.
	private static final long LONGEST_BLIND_WAIT = TimeUnit.SECONDS.toMillis(10);

	// A waiter whom the server does not see listen is passed over. It will be seen soon,
	// but must not rely on being told until then.
	private static final long UNSEEN_WAIT = TimeUnit.SECONDS.toMillis(1);

	private final Combiner<ScriptedAttempt> attempts;

	private final HandOverListeners listeners;

	private final WaiterRegistry waiters;

	private final Duration timeout;

	private final Consumer<Hold> release;

	Waiting(Combiner<ScriptedAttempt> attempts, HandOverListeners listeners, WaiterRegistry waiters, Duration timeout,
			Consumer<Hold> release) {
		this.attempts = attempts;
		this.listeners = listeners;
		this.waiters = waiters;
		this.timeout = timeout;
		this.release = release;
	}

	/**
	 * As a driver promises it.
	 */
	@Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		if (attempt.waitUntil().hasPassed()) {
			return tryOnce(attempt);
		}
		HandOverListener listener = this.listeners.listening(attempt.key());
		if (listener == null) {
			// Most locks are free, and most applications never wait.
			Grant grant = tryOnce(attempt);
			if (grant != null) {
				return grant;
			}
			// Before the place in the queue is taken, so that no message is too early.
			listener = this.listeners.listen(attempt.key(), this.timeout);
		}
		try (Waiter waiter = this.waiters.add(attempt.owner())) {
			return await(attempt, waiter, listener);
		}
	}

	private @Nullable Grant tryOnce(LockAttempt attempt) {
		long sent = System.nanoTime();
		// Also gives up a place in the queue.
		return Answers.grant(ask(ScriptedAttempt.withoutWait(attempt)), sent);
	}

	private List<Object> ask(ScriptedAttempt attempt) {
		String action = "lock " + attempt.attempt().key();
		return Answers.checked(Answers.await(this.attempts.ask(attempt), this.timeout, action), action);
	}

	private @Nullable Grant await(LockAttempt attempt, Waiter waiter, HandOverListener first)
			throws InterruptedException {
		HandOverListener listener = first;
		boolean queued = false;
		while (true) {
			long request = waiter.beginRequest();
			List<Object> answer;
			try {
				answer = ask(ScriptedAttempt.waiting(attempt, listener.channel(), request));
			}
			catch (LockStoreException ex) {
				// A refusal ends the wait, but not the place that an earlier request has
				// taken. What is unreachable is asked again for the same owner.
				throw (queued && ex.isRefused()) ? leaveQueue(attempt, ex) : ex;
			}
			queued = true;
			Grant grant = Answers.grant(answer, waiter.sentNanoTime());
			if (grant != null) {
				return grant;
			}
			HandOverListener seen = Answers.isYes(answer.get(2)) ? listener : listenAgain(attempt, listener);
			if (seen != listener) {
				listener = seen;
				continue;
			}
			HandOver handOver;
			try {
				handOver = waiter.await(nextLook(attempt, answer).orEarlier(attempt.waitUntil()));
			}
			catch (InterruptedException ex) {
				throw leaveQueue(attempt, ex);
			}
			catch (LockStoreException ex) {
				throw leaveQueue(attempt, ex);
			}
			if (handOver != null) {
				return new Grant(handOver.token(),
						Deadline.ofLease(waiter.sentNanoTime(), Duration.ofMillis(handOver.leaseMillis())));
			}
			if (attempt.waitUntil().hasPassed()) {
				// Unless the turn has come just now.
				return tryOnce(attempt);
			}
		}
	}

	/**
	 * Listens where the lock has moved to, if it has. It has its place in the queue, so
	 * what fails here only makes it look again.
	 */
	private HandOverListener listenAgain(LockAttempt attempt, HandOverListener before) {
		Duration left = attempt.waitUntil().remaining();
		try {
			return this.listeners.listen(attempt.key(), (left.compareTo(this.timeout) < 0) ? left : this.timeout);
		}
		catch (LockStoreException ex) {
			logger.debug("Cannot listen to what becomes of " + attempt.key() + " yet", ex);
			return before;
		}
	}

	private static Deadline nextLook(LockAttempt attempt, List<Object> answer) {
		long holderMillis = (Long) answer.get(1);
		long longest = Math.min(attempt.lease().toMillis() / 3,
				Answers.isYes(answer.get(2)) ? LONGEST_BLIND_WAIT : UNSEEN_WAIT);
		// A moment more, for the lease has to be over when we look. A record without an
		// end was not made by a driver; somebody may remove it.
		long next = (holderMillis >= 0) ? Math.min(holderMillis + 1, longest) : longest;
		return Deadline.in(Duration.ofMillis(Math.max(1, next)));
	}

	/**
	 * Leaves no place and no record of an attempt that was interrupted or closed.
	 */
	private <E extends Exception> E leaveQueue(LockAttempt attempt, E reason) {
		try {
			this.release.accept(attempt.hold());
			return reason;
		}
		catch (LockStoreException ex) {
			// The outcome is unknown, which is more than an interrupt says.
			if (reason instanceof InterruptedException) {
				Thread.currentThread().interrupt();
			}
			ex.addSuppressed(reason);
			throw ex;
		}
	}

}
