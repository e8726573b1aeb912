package org.dragonflow.lock.jdbc;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A million ids, each locked once: nothing is left of them in this JVM, nor in the store.
 */
@Timeout(180)
class ManyIdsTests {

	private static final int IDS = 1_000_000;

	// How many a database is asked for one by one; the others come in larger requests, or
	// it would take minutes.
	private static final int ONE_BY_ONE = 100_000;

	private static final int IN_A_REQUEST = 100;

	private static final int THREADS = 2;

	// An entry of a map with its key takes a hundred bytes.
	private static final int BYTES_FOR_AN_ID = 30;

	private static final Duration LEASE = Duration.ofMinutes(5);

	@Test
	void leaveNothingBehindInThisJvm() throws Exception {
		try (LockEngine engine = engine(new LocalLockDriver())) {
			assertThat(retained(() -> lockEach(engine, IDS, (objectId) -> {
			}))).as("What the heap has grown by, in bytes").isLessThan(BYTES_FOR_AN_ID * IDS);
		}
	}

	/**
	 * The same measure, of an engine that would remember its ids.
	 */
	@Test
	void wouldBeSeenIfOneEntryOfAMapWereLeftOfEach() throws Exception {
		Map<String, Boolean> leak = new ConcurrentHashMap<>();
		try (LockEngine engine = engine(new LocalLockDriver())) {
			assertThat(retained(() -> lockEach(engine, IDS, (objectId) -> leak.put(objectId, true))))
				.as("What the heap has grown by, in bytes")
				.isGreaterThan(2 * BYTES_FOR_AN_ID * IDS);
		}
		assertThat(leak).hasSize(IDS);
	}

	@Test
	void leaveNothingBehindInADatabase() throws Exception {
		TestDatabase database = TestDatabase.h2Memory();
		try (LockEngine engine = engine(database.driver())) {
			assertThat(retained(() -> {
				lockEach(engine, ONE_BY_ONE, (objectId) -> {
				});
				lockTogether(engine, ONE_BY_ONE, IDS);
				assertThat(database.number(TestDatabase.HELD)).as("Rows of holds").isZero();
				awaitRemoval(database);
			})).as("What the heap has grown by, the database included, in bytes").isLessThan(BYTES_FOR_AN_ID * IDS);
		}
	}

	/**
	 * Awaits that what nobody wants for some time is gone. (Here it is no time.)
	 */
	private static void awaitRemoval(TestDatabase database) {
		JdbcLockSettings settings = new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, database.platform(),
				Duration.ofMillis(900), Duration.ofMillis(50), Duration.ofSeconds(1));
		try (JdbcLockDriver driver = new JdbcLockDriver(database.dataSource(), settings)) {
			Awaitility.await()
				.atMost(Duration.ofMinutes(1))
				.until(() -> database.number("SELECT count(*) FROM DRAGONFLOW_LOCK") == 0);
		}
	}

	private static LockEngine engine(LockDriver driver) {
		return new LockEngine(driver,
				new EngineSettings("many-ids", EngineSettings.newInstanceName(), LEASE, null, null, HandOver.DEFAULT),
				(event) -> {
				});
	}

	private static void lockEach(LockEngine engine, int count, Consumer<String> whileLocked) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				int first = i;
				futures.add(threads.submit(() -> {
					for (int id = first; id < count; id += THREADS) {
						String objectId = "net-" + id;
						engine.lock(objectId);
						whileLocked.accept(objectId);
						engine.unlock(objectId);
					}
				}));
			}
			for (Future<?> future : futures) {
				future.get(150, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static void lockTogether(LockEngine engine, int from, int to) throws Exception {
		for (int first = from; first < to; first += IN_A_REQUEST) {
			List<String> objectIds = IntStream.range(first, first + IN_A_REQUEST)
				.mapToObj((id) -> "net-" + id)
				.toList();
			engine.acquire(LockRequest.of(objectIds)).close();
		}
	}

	private static long retained(Work work) throws Exception {
		long before = heap();
		work.run();
		long retained = heap() - before;
		System.out.printf("The heap has grown by %,d bytes%n", retained);
		return retained;
	}

	private static long heap() throws InterruptedException {
		long least = Long.MAX_VALUE;
		// What only a cleaner or a second collection frees is not held by anybody.
		for (int i = 0; i < 3; i++) {
			System.gc();
			Thread.sleep(50);
			least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
		}
		return least;
	}

	private interface Work {

		void run() throws Exception;

	}

}
