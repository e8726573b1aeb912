package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many threads that lock at random, but all in the same order.
 */
@Timeout(120)
class WaitOrderTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	@Test
	void manyThreadsThatLockInAscendingOrderAreNeverTold() throws Exception {
		long seed = System.nanoTime();
		System.out.println("The seed of manyThreadsThatLockInAscendingOrderAreNeverTold is " + seed);
		Random seeds = new Random(seed);
		Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
		List<Thread> threads = new ArrayList<>();
		try (EngineFixture fast = new EngineFixture(LEASE, new HandOver(3, Duration.ofMillis(2)))) {
			for (int i = 0; i < 12; i++) {
				Random random = new Random(seeds.nextLong());
				Thread thread = new Thread(() -> {
					for (int round = 0; round < 300; round++) {
						lockSome(fast.engine, random, 0);
					}
				});
				thread.setUncaughtExceptionHandler((failed, ex) -> failures.add(ex));
				threads.add(thread);
			}
			threads.forEach(Thread::start);
			for (Thread thread : threads) {
				thread.join();
			}
			assertThat(failures).as("failures with seed %s", seed).isEmpty();
			for (int id = 0; id < 6; id++) {
				assertThat(fast.isFreeForOthers("net-" + id)).as("net-%s is free in the end", id).isTrue();
			}
		}
	}

	/**
	 * Locks one or several of the ids from a number on, and inside of that maybe more.
	 */
	private static void lockSome(LockEngine engine, Random random, int from) {
		List<String> ids = new ArrayList<>();
		int next = from;
		while (next < 6 && ids.size() < 3 && (ids.isEmpty() || random.nextBoolean())) {
			next += random.nextInt(2);
			ids.add("net-" + Math.min(next++, 5));
		}
		if (ids.isEmpty()) {
			return;
		}
		LockRequest request = LockRequest.of(ids);
		if (random.nextInt(3) > 0) {
			try (LockHandle hold = engine.lock(request)) {
				lockSome(engine, random, next);
			}
			return;
		}
		try {
			// Short waits come and go, as those that give up do.
			if (engine.tryLock(request.withWait(Duration.ofNanos(random.nextInt(500_000))))) {
				lockSome(engine, random, next);
				request.objectIds().forEach(engine::unlock);
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
