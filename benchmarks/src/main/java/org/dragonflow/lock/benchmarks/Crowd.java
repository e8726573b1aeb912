package org.dragonflow.lock.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

import org.dragonflow.lock.benchmarks.RedisContender.Client;

/**
 * Threads that lock and unlock for some time.
 *
 * @param clients whose threads they are, in equal numbers
 * @param threadsOfEach how many threads each client has
 * @param holdNanos for how long each lock is held
 */
record Crowd(List<Client> clients, int threadsOfEach, long holdNanos) {

	/**
	 * Lets them go on until the time is over, and waits for the last one.
	 * @param objectId what each thread locks
	 */
	Turn run(long nanos, IntFunction<String> objectId) {
		Executor threads = (task) -> new Thread(task, "crowd").start();
		long start = System.nanoTime();
		List<CompletableFuture<List<Long>>> working = new ArrayList<>();
		for (int i = 0; i < this.clients.size() * this.threadsOfEach; i++) {
			Client client = this.clients.get(i % this.clients.size());
			String id = objectId.apply(i);
			working.add(CompletableFuture.supplyAsync(() -> work(client, id, start + nanos), threads));
		}
		List<List<Long>> waits = working.stream().map(CompletableFuture::join).toList();
		return new Turn(System.nanoTime() - start, waits);
	}

	private List<Long> work(Client client, String objectId, long end) {
		List<Long> waits = new ArrayList<>();
		do {
			long start = System.nanoTime();
			client.lock(objectId);
			waits.add(System.nanoTime() - start);
			if (this.holdNanos > 0) {
				LockSupport.parkNanos(this.holdNanos);
			}
			client.unlock(objectId);
		}
		while (System.nanoTime() < end);
		return waits;
	}

	/**
	 * What came of it.
	 *
	 * @param nanos how long it took
	 * @param waits of each thread, how long it waited for each of its holds
	 */
	record Turn(long nanos, List<List<Long>> waits) {

		long cycles() {
			return this.waits.stream().mapToLong(List::size).sum();
		}

		double cyclesPerSecond() {
			return cycles() / (this.nanos / 1e9);
		}

		/**
		 * How many holds the thread with the fewest had, for each hold of that with the
		 * most.
		 */
		double fairness() {
			int most = this.waits.stream().mapToInt(List::size).max().orElseThrow();
			int fewest = this.waits.stream().mapToInt(List::size).min().orElseThrow();
			return fewest / (double) most;
		}

		/**
		 * The wait, in milliseconds, that one in a hundred exceeds.
		 */
		double longWaitMillis() {
			long[] all = this.waits.stream().flatMap(List::stream).mapToLong(Long::longValue).toArray();
			Arrays.sort(all);
			return all[(int) (all.length * 0.99)] / 1e6;
		}

	}

}
