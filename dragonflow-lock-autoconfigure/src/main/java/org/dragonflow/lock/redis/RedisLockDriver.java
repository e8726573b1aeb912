package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Keeps locks in one Redis: a server, the master of a sentinel, or a cluster. Each
 * operation is one script. A release hands the lock to the first waiter in the same step,
 * whichever JVM that is in, and tells it. All times are the server's.
 * <p>
 * A failover loses what the new master has not received, because replication is
 * asynchronous. Another may then be let in beside the holder. Its token is higher, so a
 * resource that compares tokens stays safe.
 */
public final class RedisLockDriver implements LockDriver {

	private static final Log logger = LogFactory.getLog(RedisLockDriver.class);

	// Costs next to nothing, and bounds what a message costs that was lost for no reason
	// that anybody could see.
	private static final long LONGEST_BLIND_WAIT = TimeUnit.SECONDS.toMillis(10);

	// A waiter whom the server does not see listen is passed over. It will be seen soon,
	// but must not rely on being told until then.
	private static final long UNSEEN_WAIT = TimeUnit.SECONDS.toMillis(1);

	private final Duration timeout;

	private final ScriptRunner runner;

	private final LockScripts scripts;

	private final WaiterRegistry waiters = new WaiterRegistry();

	private final HandOverListeners listeners;

	private final Combiner<ScriptedAttempt> attempts;

	private final Combiner<Hold> releases;

	/**
	 * Creates a driver. It talks to Redis when it is asked something, not before.
	 * @param factory the application's connections; not closed with the driver
	 * @param settings the settings
	 */
	public RedisLockDriver(RedisConnectionFactory factory, RedisLockSettings settings) {
		RedisKeys keys = new RedisKeys(settings.keyPrefix());
		this.timeout = settings.timeout();
		this.runner = ScriptRunners.of(factory);
		this.scripts = new LockScripts(this.runner, keys);
		this.attempts = new Combiner<>(this.runner::isCombining, this.scripts::acquire, ScriptedAttempt.ANSWER_WIDTH);
		this.releases = new Combiner<>(this.runner::isCombining, this.scripts::release, 1);
		this.listeners = new HandOverListeners(factory, this.runner, keys, this.waiters);
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
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
		return grant(ask(ScriptedAttempt.withoutWait(attempt)), sent);
	}

	private List<Object> ask(ScriptedAttempt attempt) {
		String action = "lock " + attempt.attempt().key();
		return Answers.checked(Answers.await(this.attempts.ask(attempt), this.timeout, action), action);
	}

	private @Nullable Grant await(LockAttempt attempt, Waiter waiter, HandOverListener first)
			throws InterruptedException {
		HandOverListener listener = first;
		while (true) {
			long request = waiter.beginRequest();
			List<Object> answer = ask(ScriptedAttempt.waiting(attempt, listener.channel(), request));
			Grant grant = grant(answer, waiter.sentNanoTime());
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
			release(attempt.hold());
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

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		// A client that blocks comes to an end by itself, and what it still does must not
		// come after its undoing.
		Duration patience = this.runner.isBlocking() ? Duration.ofDays(1) : this.timeout;
		long sent = System.nanoTime();
		return Batches
			.run(attempts, LockAttempt::hold, this.runner, ScriptedAttempt.ANSWER_WIDTH,
					(batch) -> this.scripts.acquire(batch.stream().map(ScriptedAttempt::withoutWait).toList()),
					patience, "lock")
			.grants(attempts, (attempt, answer) -> grant(answer, sent));
	}

	private static @Nullable Grant grant(List<Object> answer, long sentNanoTime) {
		long token = (Long) answer.get(0);
		Duration lease = Duration.ofMillis((Long) answer.get(1));
		return (token != 0) ? new Grant(token, Deadline.ofLease(sentNanoTime, lease)) : null;
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		// What hangs must not keep back for too long what the others have answered.
		Duration third = lease.dividedBy(3);
		Duration patience = (third.compareTo(this.timeout) < 0) ? third : this.timeout;
		long sent = System.nanoTime();
		return ask(holds, (batch) -> this.scripts.renew(batch, lease), patience, "renew")
			.renewal(Deadline.ofLease(sent, Duration.ofMillis(lease.toMillis())));
	}

	@Override
	public boolean release(Hold hold) {
		long disconnects = this.runner.disconnects();
		String action = "release " + hold.key();
		List<Object> answer = Answers.checked(Answers.await(this.releases.ask(hold), this.timeout, action), action);
		boolean released = Answers.isYes(answer.get(0));
		if (!released && this.runner.disconnects() != disconnects) {
			throw sentTwice(hold);
		}
		return released;
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		long disconnects = this.runner.disconnects();
		Outcomes outcomes = ask(holds, this.scripts::release, this.timeout, "release");
		if (this.runner.disconnects() != disconnects) {
			outcomes.doubtRefusals(RedisLockDriver::sentTwice);
		}
		return outcomes.released();
	}

	private static LockStoreException sentTwice(Hold hold) {
		return LockStoreException.unreachable("A connection was lost while " + hold.key()
				+ " was released, and the request may have been sent twice: what the first one has done is unknown",
				null);
	}

	private Outcomes ask(Collection<Hold> holds, Function<List<Hold>, CompletableFuture<List<Object>>> send,
			Duration patience, String action) {
		return Batches.run(List.copyOf(holds), Function.identity(), this.runner, 1, send, patience, action);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return Answers.isYes(
				Answers.await(this.scripts.revoke(hold), this.timeout, "ask for the release of " + hold.key()).get(0));
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		return Answers.lockRecord(key, Answers.await(this.scripts.look(key), this.timeout, "look at " + key));
	}

	@Override
	public void close() {
		this.waiters.close();
		this.listeners.close();
		this.runner.close();
	}

}
