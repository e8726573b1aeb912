package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many threads of several clients do as they like, and the history of it is checked: no
 * two windows of a key overlap, and tokens rise in the order of the windows.
 */
abstract class HistoryCases extends AnswerCases {

	private static final int CLIENTS = 3;

	private static final int THREADS_PER_CLIENT = 3;

	private static final int KEYS = 3;

	private static final int ROUNDS = 40;

	@Test
	void underLoadHoldsNeverOverlapAndTokensRise() throws Exception {
		long seed = System.nanoTime();
		Queue<Window> history = new ConcurrentLinkedQueue<>();
		List<Background<Integer>> threads = new ArrayList<>();
		for (int client = 0; client < CLIENTS; client++) {
			LockDriver driver = newClient();
			Map<LockKey, ReentrantLock> queues = new ConcurrentHashMap<>();
			for (int thread = 0; thread < THREADS_PER_CLIENT; thread++) {
				Random random = new Random(seed + client * 100 + thread);
				threads.add(Background.call(() -> work(driver, queues, random, history)));
			}
		}
		String description = "Every thread comes to its end; the seed was " + seed;
		int granted = 0;
		for (Background<Integer> thread : threads) {
			granted += thread.get(description, patience().multipliedBy(2));
		}
		assertThat(history).as("The history; the seed was %s", seed).hasSize(granted).isNotEmpty();
		history.stream().collect(Collectors.groupingBy(Window::key)).forEach((key, windows) -> check(windows, seed));
		for (int i = 0; i < KEYS; i++) {
			assertFreeAndUnused(key("-" + i));
		}
	}

	private int work(LockDriver driver, Map<LockKey, ReentrantLock> queues, Random random, Queue<Window> history)
			throws InterruptedException {
		int granted = 0;
		for (int round = 0; round < ROUNDS; round++) {
			LockKey chosen = key("-" + random.nextInt(KEYS));
			// A client has one attempt per key under way; that is the engine's promise.
			ReentrantLock queue = queues.computeIfAbsent(chosen, (unused) -> new ReentrantLock(true));
			queue.lock();
			try {
				granted += hold(driver, chosen, random, history);
			}
			finally {
				queue.unlock();
			}
		}
		return granted;
	}

	private int hold(LockDriver driver, LockKey chosen, Random random, Queue<Window> history)
			throws InterruptedException {
		Duration wait = (random.nextInt(4) == 0) ? Duration.ofMillis(random.nextInt(5)) : LONG_LEASE;
		LockAttempt attempt = attempt(chosen, LONG_LEASE, wait);
		Grant grant = driver.acquire(attempt);
		long start = System.nanoTime();
		if (grant == null) {
			return 0;
		}
		if (random.nextInt(4) == 0) {
			Thread.sleep(random.nextInt(3));
		}
		if (random.nextInt(4) == 0) {
			long token = take(driver, attempt).token();
			assertThat(token).as("The token of a repeated attempt").isGreaterThanOrEqualTo(grant.token());
			grant = new Grant(token, grant.validUntil());
		}
		history.add(new Window(chosen, grant.token(), start, System.nanoTime()));
		boolean ended = (random.nextInt(8) == 0) ? this.bob.breakHold(attempt.hold()) : driver.release(attempt.hold());
		assertThat(ended).as("Whether %s was still there at its end", attempt.hold()).isTrue();
		return 1;
	}

	private static void check(List<Window> windows, long seed) {
		List<Window> sorted = windows.stream().sorted(Comparator.comparingLong(Window::start)).toList();
		for (int i = 1; i < sorted.size(); i++) {
			Window before = sorted.get(i - 1);
			Window after = sorted.get(i);
			assertThat(after.start() - before.end())
				.as("The time between %s and %s; the seed was %s", before, after, seed)
				.isNotNegative();
			assertThat(after.token()).as("The token of %s, which followed %s; the seed was %s", after, before, seed)
				.isGreaterThan(before.token());
		}
	}

	/**
	 * From when an attempt was answered until its end was asked for: the holder's view.
	 */
	private record Window(LockKey key, long token, long start, long end) {
	}

}
