package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.spi.Deadline;

/**
 * Many threads of one JVM that all want the same lock, again and again.
 */
final class Contention {

	private static final int THREADS = 50;

	private static final Duration DURATION = Duration.ofSeconds(4);

	private Contention() {
	}

	/**
	 * How many times the threads have had the lock, all together.
	 */
	static long cycles(DistributedLock lock, String objectId) throws InterruptedException {
		AtomicLong cycles = new AtomicLong();
		Deadline end = Deadline.in(DURATION);
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			Thread thread = new Thread(() -> {
				while (!end.hasPassed()) {
					lock.run(objectId, cycles::incrementAndGet);
				}
			}, "contention-" + i);
			thread.start();
			threads.add(thread);
		}
		for (Thread thread : threads) {
			thread.join();
		}
		return cycles.get();
	}

}
