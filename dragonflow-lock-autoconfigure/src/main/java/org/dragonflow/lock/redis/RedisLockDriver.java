package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

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
		this.attempts = new Combiner<>(this.runner::isCombining, this.scripts::acquire, ScriptedAttempt.ANSWER_WIDTH,
				(answer) -> true);
		// That there was nothing to release may be because it has been released.
		this.releases = new Combiner<>(this.runner::isCombining, this.scripts::release, 1,
				(answer) -> Answers.isYes(answer.get(0)));
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
		return Answers.await(this.attempts.ask(attempt), this.timeout, "lock " + attempt.attempt().key());
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
		long sent = System.nanoTime();
		List<@Nullable Grant> grants = new ArrayList<>(attempts.size());
		Batches
			.run(attempts, LockAttempt::key, this.runner.isClustered(), ScriptedAttempt.ANSWER_WIDTH,
					(batch) -> this.scripts.acquire(batch.stream().map(ScriptedAttempt::withoutWait).toList()),
					this.timeout, "lock")
			.forEach((answer) -> grants.add(grant(answer, sent)));
		return grants;
	}

	private static @Nullable Grant grant(List<Object> answer, long sentNanoTime) {
		long token = (Long) answer.get(0);
		Duration lease = Duration.ofMillis((Long) answer.get(1));
		return (token != 0) ? new Grant(token, Deadline.ofLease(sentNanoTime, lease)) : null;
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		List<Hold> all = List.copyOf(holds);
		long sent = System.nanoTime();
		List<Object> answers = ask(all, (batch) -> this.scripts.renew(batch, lease), "renew");
		Set<Hold> lost = new HashSet<>(all);
		lost.removeAll(select(all, answers, Answers::isYes));
		return Renewal.of(holds, Deadline.ofLease(sent, Duration.ofMillis(lease.toMillis())), lost,
				select(all, answers, Answers::isRevoked));
	}

	@Override
	public boolean release(Hold hold) {
		long disconnects = this.runner.disconnects();
		boolean released = Answers
			.isYes(Answers.await(this.releases.ask(hold), this.timeout, "release " + hold.key()).get(0));
		checkCertain(released, List.of(hold), disconnects);
		return released;
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		List<Hold> all = List.copyOf(holds);
		long disconnects = this.runner.disconnects();
		Set<Hold> released = select(all, ask(all, this.scripts::release, "release"), Answers::isYes);
		checkCertain(released.size() == all.size(), all, disconnects);
		return released;
	}

	private void checkCertain(boolean released, List<Hold> holds, long disconnects) {
		if (!released && this.runner.disconnects() != disconnects) {
			throw LockStoreException.unreachable("A connection was lost while " + holds.get(0).key()
					+ " was released, and the request may have been sent twice: what the first one has done is unknown",
					null);
		}
	}

	private List<Object> ask(List<Hold> holds, Function<List<Hold>, CompletableFuture<List<Object>>> send,
			String action) {
		List<Object> answers = new ArrayList<>(holds.size());
		Batches.run(holds, Hold::key, this.runner.isClustered(), 1, send, this.timeout, action)
			.forEach(answers::addAll);
		return answers;
	}

	private static Set<Hold> select(List<Hold> holds, List<Object> answers, Predicate<Object> fits) {
		Set<Hold> selected = new HashSet<>();
		for (int i = 0; i < holds.size(); i++) {
			if (fits.test(answers.get(i))) {
				selected.add(holds.get(i));
			}
		}
		return selected;
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
