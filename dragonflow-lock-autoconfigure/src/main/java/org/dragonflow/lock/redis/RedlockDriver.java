package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

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
		List<@Nullable Grant> grants = new ArrayList<>(attempts.size());
		for (int i = 0; i < attempts.size(); i += Batches.SIZE) {
			grants.addAll(this.attempts.take(attempts.subList(i, Math.min(i + Batches.SIZE, attempts.size()))));
		}
		return grants;
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Set<Hold> lost = new HashSet<>();
		Set<Hold> revoked = new HashSet<>();
		List<Hold> all = List.copyOf(holds);
		long sent = System.nanoTime();
		for (int i = 0; i < all.size(); i += Batches.SIZE) {
			List<Hold> batch = all.subList(i, Math.min(i + Batches.SIZE, all.size()));
			Majority majority = Majority.collect(
					this.nodes.ask((scripts) -> scripts.renew(batch, lease), this.nodes.patience(lease)),
					(collected) -> isConfirmed(collected, batch.size()));
			lost.addAll(batch);
			lost.removeAll(confirmed(majority, batch, "renew"));
			for (int j = 0; j < batch.size(); j++) {
				int place = j;
				// One server is enough: that of a minority was asked all the same.
				if (majority.count((answer) -> Answers.isRevoked(answer.get(place))) > 0) {
					revoked.add(batch.get(j));
				}
			}
		}
		return Renewal.of(holds, Deadline.ofLease(sent, lease), lost, revoked);
	}

	@Override
	public boolean release(Hold hold) {
		return !releaseAll(List.of(hold)).isEmpty();
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		Set<Hold> released = new HashSet<>();
		List<Hold> all = List.copyOf(holds);
		for (int i = 0; i < all.size(); i += Batches.SIZE) {
			List<Hold> batch = all.subList(i, Math.min(i + Batches.SIZE, all.size()));
			Majority majority = Majority.collect(
					this.nodes.ask((scripts) -> scripts.release(batch), this.nodes.timeout()),
					(collected) -> isConfirmed(collected, batch.size()));
			released.addAll(confirmed(majority, batch, "release"));
		}
		return released;
	}

	private static boolean isConfirmed(Majority majority, int holds) {
		for (int i = 0; i < holds; i++) {
			int place = i;
			if (!majority.agrees((answer) -> Answers.isYes(answer.get(place)))) {
				return false;
			}
		}
		return true;
	}

	private static Set<Hold> confirmed(Majority majority, List<Hold> holds, String action) {
		Set<Hold> confirmed = new HashSet<>();
		for (int i = 0; i < holds.size(); i++) {
			int place = i;
			Predicate<List<Object>> yes = (answer) -> Answers.isYes(answer.get(place));
			if (majority.agrees(yes)) {
				confirmed.add(holds.get(i));
			}
			else if (!majority.cannotAgree(yes)) {
				throw majority.failure(action + " " + holds.get(i).key());
			}
		}
		return confirmed;
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
		Majority majority = Majority.collect(this.nodes.ask((scripts) -> scripts.revoke(hold), this.nodes.timeout()),
				(collected) -> isConfirmed(collected, 1));
		return !confirmed(majority, List.of(hold), "ask for the release of").isEmpty();
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.nodes.close();
	}

}
