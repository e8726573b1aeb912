package org.dragonflow.lock.etcd;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.EtcdServer;

/**
 * How long a lock takes from the client that releases it to the one that waits: this
 * driver beside jetcd's own lock, in turn, on one etcd. Not a test. To run it:
 *
 * <pre>
 * ./mvnw -q -pl dragonflow-lock-autoconfigure,dragonflow-lock-spring-boot-starter,dragonflow-lock-test \
 *     test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * cd dragonflow-lock-test
 * java -cp target/test-classes:target/classes:$(cat target/classpath) \
 *     org.dragonflow.lock.etcd.EtcdHandOffBenchmark
 * </pre>
 */
final class EtcdHandOffBenchmark {

	private static final int WARM_UP = 400;

	private static final int ROUNDS = 200;

	// A short hold, in which the waiter has begun to wait.
	private static final Duration SETTLE = Duration.ofMillis(10);

	private EtcdHandOffBenchmark() {
	}

	/**
	 * Measures, and prints the result.
	 * @param args none
	 * @throws Exception if etcd cannot be used
	 */
	public static void main(String[] args) throws Exception {
		try (EtcdServer server = EtcdServer.start();
				TestEtcd etcd = TestEtcd.of(server);
				EtcdLockDriver one = etcd.driver();
				EtcdLockDriver two = etcd.driver();
				JetcdLock three = new JetcdLock(server);
				JetcdLock four = new JetcdLock(server)) {
			LockKey key = new LockKey("benchmark", "net-1");
			Contender[] drivers = { new DriverLock(one, key), new DriverLock(two, key) };
			Contender[] others = { three, four };
			run(WARM_UP, drivers);
			run(WARM_UP / 20, others);
			long[] ours = run(ROUNDS, drivers);
			long[] theirs = run(ROUNDS, others);
			print(System.out, "driver etcd", ours);
			print(System.out, "jetcd's Lock", theirs);
			System.out.printf(Locale.ROOT, "ratio of the medians: %.1f%n", part(theirs, 0.5) / part(ours, 0.5));
		}
	}

	private static long[] run(int rounds, Contender[] contenders) throws Exception {
		long[] times = new long[rounds];
		contenders[0].lock();
		for (int round = 0; round < rounds; round++) {
			Contender waiter = contenders[(round + 1) % 2];
			CompletableFuture<Long> served = EtcdTestBase.later(() -> {
				waiter.lock();
				return System.nanoTime();
			});
			TimeUnit.NANOSECONDS.sleep(SETTLE.toNanos());
			long released = System.nanoTime();
			contenders[round % 2].unlock();
			times[round] = served.get(30, TimeUnit.SECONDS) - released;
		}
		contenders[rounds % 2].unlock();
		Arrays.sort(times);
		return times;
	}

	private static void print(PrintStream out, String name, long[] times) {
		out.printf(Locale.ROOT, "%-14s p50 %8.2f ms   p90 %8.2f ms   p99 %8.2f ms%n", name, part(times, 0.5),
				part(times, 0.9), part(times, 0.99));
	}

	private static double part(long[] sorted, double part) {
		return sorted[(int) Math.ceil(part * sorted.length) - 1] / 1e6;
	}

	private interface Contender {

		void lock() throws Exception;

		void unlock() throws Exception;

	}

	private static final class DriverLock implements Contender {

		private final EtcdLockDriver driver;

		private final LockKey key;

		private LockAttempt attempt;

		DriverLock(EtcdLockDriver driver, LockKey key) {
			this.driver = driver;
			this.key = key;
			this.attempt = next();
		}

		@Override
		public void lock() throws InterruptedException {
			this.attempt = next();
			Grant grant = this.driver.acquire(this.attempt);
			if (grant == null) {
				throw new IllegalStateException("The wait was in vain");
			}
		}

		@Override
		public void unlock() {
			this.driver.release(this.attempt.hold());
		}

		private LockAttempt next() {
			return new LockAttempt(this.key, UUID.randomUUID().toString(), Duration.ofMinutes(1), Deadline.NEVER);
		}

	}

	private static final class JetcdLock implements Contender, AutoCloseable {

		private static final ByteSequence NAME = EtcdKeys.bytes("benchmark");

		private final Client client;

		private final long lease;

		private ByteSequence key = ByteSequence.EMPTY;

		JetcdLock(EtcdServer server) throws Exception {
			this.client = Client.builder().endpoints(server.endpoint()).build();
			this.lease = this.client.getLeaseClient().grant(600).get(30, TimeUnit.SECONDS).getID();
		}

		@Override
		public void lock() throws Exception {
			this.key = this.client.getLockClient().lock(NAME, this.lease).get(30, TimeUnit.SECONDS).getKey();
		}

		@Override
		public void unlock() throws Exception {
			this.client.getLockClient().unlock(this.key).get(30, TimeUnit.SECONDS);
		}

		@Override
		public void close() {
			this.client.close();
		}

	}

}
