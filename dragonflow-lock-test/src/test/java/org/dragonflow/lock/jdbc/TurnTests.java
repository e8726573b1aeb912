package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Whose turn it is where waiters have to look for themselves.
 */
@Timeout(120)
class TurnTests {

	private static final Duration LEASE = Duration.ofMinutes(5);

	// The next one has twice as long, so a slow machine does not take its turn away.
	private static final Duration SLOW = Duration.ofMillis(2500);

	private static final String ENTERED = "SELECT count(*) FROM DRAGONFLOW_LOCK WHERE next_owner IS NOT NULL";

	private final LockKey key = new LockKey("turns", UUID.randomUUID().toString());

	static Stream<TestDatabase> databases() {
		return JdbcLockDriverTests.allDatabases().filter((database) -> !database.platform().equals("postgresql"));
	}

	@ParameterizedTest
	@MethodSource("databases")
	void clientsAreServedInTheOrderInWhichTheyHaveCome(TestDatabase database) throws Exception {
		CountingDataSource third = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver a = driver(database, SLOW);
				JdbcLockDriver b = driver(database, SLOW);
				JdbcLockDriver c = new JdbcLockDriver(third, settings(database, SLOW))) {
			String held = "a-0";
			assertThat(a.acquire(attempt(held))).isNotNull();
			for (int round = 1; round <= 3; round++) {
				CompletableFuture<@Nullable Grant> second = waitFor(b, "b-" + round);
				awaitNext(database, "b-" + round);
				third.sent();
				CompletableFuture<@Nullable Grant> last = waitFor(c, "c-" + round);
				awaitItsFirstLook(third);
				a.release(attempt(held).hold());
				held = "a-" + round;
				// It knows of its own release before all others do.
				CompletableFuture<@Nullable Grant> again = waitFor(a, held);
				assertServed(second, a, "b-" + round);
				awaitNext(database, "c-" + round);
				b.release(attempt("b-" + round).hold());
				assertServed(last, a, "c-" + round);
				awaitNext(database, held);
				c.release(attempt("c-" + round).hold());
				assertServed(again, a, held);
				assertThat(database.number(ENTERED)).as("who is next when all are served").isZero();
			}
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void theNextOneThatHasDiedDelaysOthersForAMomentAndOnce(TestDatabase database) throws Exception {
		Duration pause = Duration.ofSeconds(1);
		try (JdbcLockDriver driver = driver(database, pause)) {
			assertThat(driver.acquire(attempt("first"))).isNotNull();
			database.execute("UPDATE DRAGONFLOW_LOCK SET next_owner = 'dead', next_since = 1");
			long start = System.nanoTime();
			driver.release(attempt("first").hold());
			assertThat(driver.acquireFree(List.of(attempt("one of many")))).as("the grant of one of many")
				.containsOnlyNulls();
			assertThat(driver.acquire(attempt("in passing"))).as("the grant of a try without a wait").isNull();
			CompletableFuture<@Nullable Grant> waiter = waitFor(driver, "waiter");
			assertServed(waiter, driver, "waiter");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).as("what the dead one costs")
				.isBetween(pause.multipliedBy(2), Duration.ofSeconds(20));
			driver.release(attempt("waiter").hold());
			assertThat(driver.acquireFree(List.of(attempt("afterwards")))).as("the grant after that")
				.doesNotContainNull();
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void theNextOneThatHasDiedDoesNotKeepAnExpiredLockForLonger(TestDatabase database) throws Exception {
		try (JdbcLockDriver driver = driver(database, SLOW)) {
			assertThat(driver.acquire(attempt("crashed"))).isNotNull();
			database.execute("UPDATE DRAGONFLOW_LOCK SET next_owner = 'dead', next_since = 1");
			// A day ago, which is longer than it has time.
			database.expire(this.key.name());
			assertThat(driver.acquire(attempt("in passing"))).as("the grant of a try without a wait").isNotNull();
			assertThat(database.number(ENTERED)).as("who is next after that").isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void whoeverGivesUpLeavesNothing(TestDatabase database) throws Exception {
		try (JdbcLockDriver driver = driver(database, SLOW)) {
			driver.acquire(attempt("holder"));
			assertThat(driver.acquire(attempt("impatient", Duration.ofMillis(100)))).as("the grant of a short wait")
				.isNull();
			assertThat(database.number(ENTERED)).as("who is next after a wait in vain").isZero();
			assertThat(driver.acquire(attempt("in passing"))).as("the grant of a try without a wait").isNull();
			assertThat(database.number(ENTERED)).as("who is next after a try without a wait").isZero();
			AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
			Thread interrupted = new Thread(() -> {
				try {
					driver.acquire(attempt("interrupted", LEASE));
				}
				catch (InterruptedException ex) {
					end.set(ex);
				}
			});
			interrupted.start();
			awaitNext(database, "interrupted");
			interrupted.interrupt();
			interrupted.join();
			assertThat(end.get()).as("how the wait has ended").isInstanceOf(InterruptedException.class);
			assertThat(database.number(ENTERED)).as("who is next after an interrupt").isZero();
			JdbcLockDriver closed = driver(database, SLOW);
			CompletableFuture<@Nullable Grant> waiter = waitFor(closed, "closed");
			awaitNext(database, "closed");
			// Its driver knows as soon as it has looked.
			await().pollDelay(Duration.ofMillis(300)).until(() -> true);
			closed.close();
			assertThat(waiter).failsWithin(Duration.ofSeconds(20))
				.withThrowableThat()
				.withCauseInstanceOf(LockStoreException.class);
			assertThat(database.number(ENTERED)).as("who is next when its driver is closed").isZero();
			driver.release(attempt("holder").hold());
			assertThat(driver.acquire(attempt("in passing"))).as("the grant when all have gone").isNotNull();
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void whoeverHasWaitedForLongestBecomesTheNextOne(TestDatabase database) throws Exception {
		try (JdbcLockDriver driver = driver(database, SLOW); JdbcLockDriver other = driver(database, SLOW)) {
			driver.acquire(attempt("holder"));
			CompletableFuture<@Nullable Grant> waiter = waitFor(other, "waiter");
			awaitNext(database, "waiter");
			// As if it had come in front of it in the moment of a grant.
			database.execute("UPDATE DRAGONFLOW_LOCK SET next_owner = 'younger', next_since = next_since + 60000000");
			// By a look: an attempt that is made though nobody tells comes after ten
			// seconds.
			await("next is the one that has waited for longest").atMost(Duration.ofSeconds(5))
				.until(() -> isNext(database, "waiter"));
			driver.release(attempt("holder").hold());
			assertServed(waiter, driver, "waiter");
		}
	}

	private JdbcLockDriver driver(TestDatabase database, Duration pollInterval) {
		return JdbcLockDriver.beside(database.dataSource(), settings(database, pollInterval), 4);
	}

	private static JdbcLockSettings settings(TestDatabase database, Duration pollInterval) {
		return new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, database.platform(), Duration.ofSeconds(5),
				pollInterval, Duration.ofMinutes(10));
	}

	private void awaitNext(TestDatabase database, String owner) {
		await("next is " + owner).atMost(Duration.ofSeconds(30)).until(() -> isNext(database, owner));
	}

	private static boolean isNext(TestDatabase database, String owner) {
		return database.number(ENTERED + " AND next_owner = '" + owner + "'") == 1;
	}

	private static void awaitItsFirstLook(CountingDataSource dataSource) {
		await("it waits").pollDelay(Duration.ofMillis(50))
			.until(() -> dataSource.sent().stream().anyMatch((sql) -> sql.startsWith("SELECT lock_key, CASE")));
	}

	private void assertServed(CompletableFuture<@Nullable Grant> waiter, JdbcLockDriver driver, String owner) {
		assertThat(waiter).as("the grant of " + owner).succeedsWithin(Duration.ofSeconds(30)).isNotNull();
		LockRecord found = driver.look(this.key);
		assertThat(found).as("what is held by " + owner).isNotNull();
		assertThat(found.hold().owner()).as("the holder").isEqualTo(owner);
	}

	private CompletableFuture<@Nullable Grant> waitFor(JdbcLockDriver driver, String owner) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return driver.acquire(attempt(owner, LEASE));
			}
			catch (InterruptedException ex) {
				throw new CompletionException(ex);
			}
		}, (task) -> new Thread(task).start());
	}

	private LockAttempt attempt(String owner) {
		return attempt(owner, Duration.ZERO);
	}

	private LockAttempt attempt(String owner, Duration wait) {
		return new LockAttempt(this.key, owner, LEASE, Deadline.in(wait));
	}

}
