package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.LongPredicate;

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

import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Keeps locks in several independent masters of Redis, by the Redlock algorithm: a lock
 * is held that a majority has granted, for as long as the lease lasts counted from before
 * the first was asked. What fails or is refused is undone at all of them, whatever they
 * have answered, and tried again after a random pause. Nobody is woken, and there is no
 * order among waiters.
 * <p>
 * <b>Why tokens rise</b>, whatever majorities have granted: each server draws a token
 * above all that it has seen. A hold gets the highest of those that were drawn for it,
 * and before it begins, that one is written to a majority, each of which still has it as
 * the holder at that moment. The next hold needs a majority too, so at least one server
 * is in both. That one has let the next hold in after the token was written to it, so it
 * has drawn a higher one, and the next hold's token is not lower than that. Only a server
 * that has forgotten the token breaks the chain: one that was restarted without its data.
 * It goes on from its clock, so tokens rise all the same if its clock is not behind the
 * other servers' by more than the restart took.
 * <p>
 * A server that was restarted without its data has also forgotten the holder. If it was
 * needed for the majority, a second holder may be let in. So keep such a server away for
 * longer than the longest lease, or let Redis write each change to disk.
 */
public final class RedlockDriver implements LockDriver {

	private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	private static final LongPredicate YES = Answers::isYes;

	private final RedlockNodes nodes;

	private final RedlockAttempts attempts;

	private final CountDownLatch closed = new CountDownLatch(1);

	/**
	 * Creates a driver. It talks to the servers when it is asked something, not before.
	 * @param factories the connections to one server each; closed with the driver
	 * @param settings the settings; its timeout is for each server's answer, and at most
	 * a tenth of the lease
	 * @throws IllegalArgumentException if the number of servers is not odd, or below
	 * three
	 */
	public RedlockDriver(List<LettuceConnectionFactory> factories, RedisLockSettings settings) {
		if (factories.size() < 3 || factories.size() % 2 == 0) {
			throw new IllegalArgumentException(
					"A majority takes 3, 5 or another odd number of servers, but there are " + factories.size());
		}
		RedisKeys keys = new RedisKeys(settings.keyPrefix());
		this.nodes = new RedlockNodes(factories.stream().map((factory) -> new RedlockNode(factory, keys)).toList(),
				settings.timeout());
		this.attempts = new RedlockAttempts(this.nodes);
	}

	/**
	 * Creates a driver whose connections are like those of the application, with its
	 * credentials, SSL bundle and timeouts.
	 * @param like the application's connections; not closed with the driver
	 * @param nodes where the servers are
	 * @param settings as for the constructor
	 * @return a driver
	 */
	public static RedlockDriver like(LettuceConnectionFactory like, List<RedisNode> nodes, RedisLockSettings settings) {
		return new RedlockDriver(nodes.stream().map((node) -> NodeConnections.Lettuce.connections(like, node)).toList(),
				settings);
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		long start = System.nanoTime();
		while (true) {
			Grant grant = acquireFree(List.of(attempt)).get(0);
			if (grant != null || attempt.waitUntil().hasPassed()) {
				return grant;
			}
			// Random, so that those who have split the servers among them do not do so
			// again; short at first, and longer for those who wait longer.
			long longest = Math.min(LONGEST_PAUSE_NANOS,
					TimeUnit.MILLISECONDS.toNanos(2) + (System.nanoTime() - start) / 4);
			long pause = Math.min(ThreadLocalRandom.current().nextLong(longest / 4, longest),
					attempt.waitUntil().remainingNanos());
			if (this.closed.await(Math.max(0, pause), TimeUnit.NANOSECONDS)) {
				throw LockStoreException.unreachable("The driver has been closed while " + attempt + " waited", null);
			}
		}
	}

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		return this.attempts.take(attempts);
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		long sent = System.nanoTime();
		return ask(holds, (scripts, batch) -> scripts.renew(batch, lease), this.nodes.patience(lease), "renew")
			.renewal(Deadline.ofLease(sent, lease));
	}

	@Override
	public boolean release(Hold hold) {
		return !releaseAll(List.of(hold)).isEmpty();
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		return ask(holds, LockScripts::release, this.nodes.timeout(), "release").released();
	}

	/**
	 * Asks all servers about all holds, by requests that are under way at the same time.
	 */
	private Outcomes ask(Collection<Hold> holds,
			BiFunction<LockScripts, List<Hold>, CompletableFuture<List<Object>>> request, Duration patience,
			String action) {
		List<List<Hold>> batches = Batches.inOrder(List.copyOf(holds));
		List<List<CompletableFuture<List<Object>>>> answers = batches.stream()
			.map((batch) -> this.nodes.ask((scripts) -> request.apply(scripts, batch), patience))
			.toList();
		Outcomes outcomes = new Outcomes();
		for (int i = 0; i < batches.size(); i++) {
			List<Hold> batch = batches.get(i);
			Majority majority = Majority.collect(answers.get(i), Majority.decided(batch.size(), 1, (place) -> YES));
			for (int place = 0; place < batch.size(); place++) {
				Hold hold = batch.get(place);
				if (majority.isDecided(place, YES)) {
					outcomes.know(hold, List.of(summary(majority, place)));
				}
				else {
					outcomes.fail(hold, majority.failure(place, action + " " + hold.key()));
				}
			}
		}
		return outcomes;
	}

	private static long summary(Majority majority, int place) {
		if (!majority.agrees(place, YES)) {
			return 0;
		}
		// One server that knows of a revocation is enough: that of a minority was asked
		// all the same.
		return (majority.count(place, Answers::isRevoked) > 0) ? 2 : 1;
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		Majority majority = Majority.collect(this.nodes.ask((scripts) -> scripts.look(key), this.nodes.timeout()),
				(collected) -> false);
		if (!majority.hasAnswered()) {
			throw majority.failure("look at " + key);
		}
		List<LockRecord> records = new ArrayList<>();
		for (List<Object> answer : majority.answers()) {
			LockRecord found = (answer != null) ? Answers.lockRecord(key, answer) : null;
			if (found != null) {
				records.add(found);
			}
		}
		int needed = Majority.size(this.nodes.all().size());
		for (LockRecord candidate : records) {
			List<LockRecord> same = records.stream().filter((found) -> found.hold().equals(candidate.hold())).toList();
			if (same.size() >= needed) {
				return new LockRecord(candidate.hold(),
						same.stream().map(LockRecord::token).sorted().toList().get(same.size() / 2), candidate.age(),
						// So long does a majority keep it.
						same.stream().map(LockRecord::remaining).sorted().toList().get(same.size() - needed));
			}
		}
		return null;
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return !ask(List.of(hold), (scripts, holds) -> scripts.revoke(hold), this.nodes.timeout(),
				"ask for the release of")
			.released()
			.isEmpty();
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.nodes.close();
	}

}
