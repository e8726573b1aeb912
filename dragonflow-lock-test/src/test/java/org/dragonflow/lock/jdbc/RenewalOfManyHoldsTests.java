package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One instance that holds very many locks keeps them all, and in time.
 */
@Timeout(240)
class RenewalOfManyHoldsTests {

	private static final int HOLDS = 10_000;

	private static final Duration LEASE = Duration.ofSeconds(12);

	private static final int ACQUIRERS = 4;

	static Stream<TestDatabase> databases() {
		return Stream.of(TestDatabase.postgres(), TestDatabase.mariaDb(), TestDatabase.h2Memory());
	}

	@ParameterizedTest
	@MethodSource("databases")
	void allAreRenewedInTimeOnABusyMachineByOneStatement(TestDatabase database) throws Exception {
		AtomicBoolean busy = new AtomicBoolean(true);
		try (HikariDataSource pool = pool(database)) {
			CountingDataSource dataSource = new CountingDataSource(pool);
			try (LockEngine engine = new LockEngine(new JdbcLockDriver(dataSource, database.settings()),
					new EngineSettings("many-holds", EngineSettings.newInstanceName(), LEASE, null, null,
							HandOver.DEFAULT),
					(event) -> {
					})) {
				List<LockHandle> holds = acquire(engine);
				keepBusy(busy);
				// The holds were taken one after the other; from the first common
				// renewal on, they are renewed together.
				shortestRemaining(holds, LEASE.dividedBy(3));
				dataSource.sent();
				Duration shortest = shortestRemaining(holds, LEASE);
				long sent = dataSource.sent().stream().filter((sql) -> sql.contains("SET expires_at")).count();
				System.out.printf("%s: %d holds with a lease of %s had %d ms left at least; %d statements in %s%n",
						database.platform(), HOLDS, LEASE, shortest.toMillis(), sent, LEASE);
				assertThat(holds).as("All are held").allMatch(LockHandle::isHeld);
				assertThat(shortest).as("What was left of a lease when it was renewed")
					.isGreaterThan(LEASE.dividedBy(10));
				// Three renewals fall into a lease, or one more. The first and the last
				// may be cut off.
				assertThat(sent).as("Statements for the renewals").isBetween(1L, 4L);
				busy.set(false);
				holds.forEach(LockHandle::close);
			}
		}
		finally {
			busy.set(false);
		}
	}

	private static HikariDataSource pool(TestDatabase database) {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(database.dataSource());
		pool.setMaximumPoolSize(ACQUIRERS + 1);
		return pool;
	}

	private static List<LockHandle> acquire(LockEngine engine) throws Exception {
		ExecutorService acquirers = Executors.newFixedThreadPool(ACQUIRERS);
		try {
			List<Future<LockHandle>> futures = new ArrayList<>();
			for (int i = 0; i < HOLDS; i++) {
				LockRequest request = LockRequest.of("net-" + i);
				futures.add(acquirers.submit(() -> engine.acquire(request)));
			}
			List<LockHandle> holds = new ArrayList<>();
			for (Future<LockHandle> future : futures) {
				holds.add(future.get(60, TimeUnit.SECONDS));
			}
			return holds;
		}
		finally {
			acquirers.shutdownNow();
		}
	}

	/**
	 * As many threads that do nothing but work as there are processors.
	 */
	private static void keepBusy(AtomicBoolean busy) {
		for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
			Thread thread = new Thread(() -> {
				while (busy.get()) {
					Thread.onSpinWait();
				}
			}, "busy-" + i);
			thread.setDaemon(true);
			thread.start();
		}
	}

	/**
	 * Looks at the holds again and again, for some time.
	 */
	private static Duration shortestRemaining(List<LockHandle> holds, Duration time) throws InterruptedException {
		Duration shortest = LEASE;
		Deadline end = Deadline.in(time);
		while (!end.hasPassed()) {
			for (LockHandle hold : holds) {
				Duration remaining = hold.remaining();
				shortest = (remaining.compareTo(shortest) < 0) ? remaining : shortest;
			}
			Thread.sleep(20);
		}
		return shortest;
	}

}
