package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

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

	private final Duration timeout;

	private final ScriptRunner runner;

	private final LockScripts scripts;

	private final WaiterRegistry waiters = new WaiterRegistry();

	private final HandOverListeners listeners;

	private final Waiting waiting;

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
		this.releases = new Combiner<>(this.runner::isCombining, this.scripts::release, 1);
		this.listeners = new HandOverListeners(factory, this.runner, keys, this.waiters);
		this.waiting = new Waiting(
				new Combiner<>(this.runner::isCombining, this.scripts::acquire, ScriptedAttempt.ANSWER_WIDTH),
				this.listeners, this.waiters, this.timeout, this::release);
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		return this.waiting.acquire(attempt);
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
			.grants(attempts, (attempt, answer) -> Answers.grant(answer, sent));
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
