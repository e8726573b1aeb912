package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.Renewal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What each operation sends to each database.
 */
class JdbcRoundTripTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	static Stream<TestDatabase> databases() {
		return Stream.of(TestDatabase.postgres(), TestDatabase.mariaDb(), TestDatabase.mySql(), TestDatabase.h2Server(),
				TestDatabase.h2Memory());
	}

	static Stream<TestDatabase> polledDatabases() {
		return databases().filter((database) -> !database.platform().equals("postgresql"));
	}

	static Stream<TestDatabase> allDatabases() {
		return Stream.concat(databases(), TestDatabase.portables());
	}

	@ParameterizedTest
	@MethodSource("databases")
	void eachOperationIsOneStatement(TestDatabase database) throws InterruptedException {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			LockAttempt first = attempt(key());
			// The first statements of a JVM and of a server are slow.
			driver.acquire(attempt(key()));
			dataSource.sent();
			assertThat(driver.acquire(first)).isNotNull();
			assertThat(dataSource.sent()).as("What a free acquire sends").hasSize(1);
			assertThat(driver.acquire(attempt(first.key()))).isNull();
			assertThat(dataSource.sent()).as("What a failed try sends").hasSize(1);
			assertThat(driver.look(first.key())).isNotNull();
			assertThat(dataSource.sent()).as("What a look sends").hasSize(1);
			assertThat(driver.release(first.hold())).isTrue();
			assertThat(dataSource.sent()).as("What a release sends").hasSize(1);
			database.execute("DELETE FROM DRAGONFLOW_LOCK");
		}
	}

	@ParameterizedTest
	@MethodSource("org.dragonflow.lock.jdbc.TestDatabase#portables")
	void inThePortableWayAFreeAcquireIsTwoStatements(TestDatabase database) throws InterruptedException {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			LockAttempt first = attempt(key());
			dataSource.sent();
			assertThat(driver.acquire(first)).isNotNull();
			assertThat(dataSource.sent()).as("What a free acquire sends").hasSize(2);
			assertThat(driver.acquire(attempt(first.key()))).isNull();
			assertThat(dataSource.sent()).as("What a failed try sends").hasSize(1);
			assertThat(driver.look(first.key())).isNotNull();
			assertThat(dataSource.sent()).as("What a look sends").hasSize(1);
			assertThat(driver.release(first.hold())).isTrue();
			assertThat(dataSource.sent()).as("What a release sends").hasSize(1);
			LockAttempt second = attempt(first.key());
			assertThat(driver.acquire(second)).isNotNull();
			assertThat(dataSource.sent()).as("What an acquire after a release sends").hasSize(2);
			database.expire(first.key().name());
			assertThat(driver.acquire(attempt(first.key()))).isNotNull();
			assertThat(dataSource.sent()).as("What an acquire after the end of a lease sends").hasSize(2);
			assertThat(driver.release(second.hold())).isFalse();
			assertThat(dataSource.sent()).as("What a stale release sends").hasSize(2);
		}
	}

	static Stream<TestDatabase> databasesWithBatches() {
		return databases().filter((database) -> !database.platform().equals("mysql"));
	}

	@ParameterizedTest
	@MethodSource("databasesWithBatches")
	void manyLocksAreTakenByOneStatementAndReleasedByOne(TestDatabase database) throws InterruptedException {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			LockAttempt held = attempt(key());
			driver.acquire(held);
			List<LockAttempt> attempts = new ArrayList<>(List.of(attempt(held.key())));
			for (int i = 0; i < 50; i++) {
				attempts.add(attempt(key()));
			}
			dataSource.sent();
			assertThat(driver.acquireFree(attempts)).as("grants of a held and 50 free ones")
				.startsWith((Grant) null)
				.hasSize(51)
				.containsOnlyOnce((Grant) null);
			assertThat(dataSource.sent()).as("What an acquire of 51 sends").hasSize(1);
			List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
			assertThat(driver.releaseAll(holds)).as("what was released")
				.containsExactlyInAnyOrderElementsOf(holds.subList(1, 51));
			assertThat(dataSource.sent()).as("What a release of 51 sends").hasSize(1);
			assertThat(driver.release(held.hold())).as("the other's hold is left alone").isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource("databasesWithBatches")
	void aFreeRequestForManyIdsIsTwoStatementsInAll(TestDatabase database) throws InterruptedException {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		EngineSettings settings = new EngineSettings("round-trips", EngineSettings.newInstanceName(), LEASE, null, null,
				HandOver.DEFAULT);
		try (LockEngine engine = new LockEngine(new JdbcLockDriver(dataSource, database.settings()), settings,
				(event) -> {
				})) {
			List<String> ids = Stream.generate(() -> UUID.randomUUID().toString()).limit(20).toList();
			dataSource.sent();
			engine.acquire(LockRequest.of(ids)).close();
			assertThat(dataSource.sent()).as("What a handle on 20 ids sends").hasSize(2);
			engine.lock(LockRequest.of(ids)).close();
			assertThat(dataSource.sent()).as("What a thread's lock on 20 ids sends").hasSize(2);
			engine.lock(ids.get(0));
			engine.unlock(ids.get(0));
			assertThat(dataSource.sent()).as("What a lock on one id sends").hasSize(2);
		}
	}

	@ParameterizedTest
	@MethodSource("allDatabases")
	void manyHoldsAreRenewedByOneStatement(TestDatabase database) throws InterruptedException {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			List<Hold> holds = new ArrayList<>();
			for (int i = 0; i < 50; i++) {
				LockAttempt attempt = attempt(key());
				driver.acquire(attempt);
				holds.add(attempt.hold());
			}
			dataSource.sent();
			assertThat(driver.renew(holds, LEASE).lost()).isEmpty();
			assertThat(dataSource.sent()).as("What a renewal of 50 holds sends").hasSize(1);
		}
	}

	static Stream<TestDatabase> databasesOnServers() {
		return databases().filter((database) -> !database.platform().equals("h2"));
	}

	@ParameterizedTest
	@MethodSource("databasesOnServers")
	void aRevokedHoldAmongAThousandCostsItsRenewalOneMoreStatementAtMost(TestDatabase database) {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			List<LockAttempt> attempts = Stream.generate(() -> attempt(key())).limit(1000).toList();
			driver.acquireFree(attempts);
			List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
			assertThat(driver.requestRevocation(holds.get(500))).as("Whether a release can be asked for").isTrue();
			database.execute("UPDATE DRAGONFLOW_LOCK SET expires_at = expires_at - INTERVAL '30' SECOND");
			dataSource.sent();
			for (int time = 1; time <= 3; time++) {
				Renewal renewal = driver.renew(holds, LEASE);
				assertThat(dataSource.sent()).as("What the renewal of 1000 holds sends, the %s. time", time)
					.hasSizeBetween(1, 2);
				assertThat(renewal.revocations()).as("whose release is asked for").containsExactly(holds.get(500));
				assertThat(renewal.renewed()).as("what is renewed").containsOnlyKeys(holds);
			}
			assertThat(database.number(
					"SELECT count(*) FROM DRAGONFLOW_LOCK WHERE expires_at" + " < acquired_at + INTERVAL '40' SECOND"))
				.as("how many rows are as they were")
				.isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("allDatabases")
	void moreHoldsThanAStatementNamesAreRenewedToo(TestDatabase database) throws InterruptedException {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			List<Hold> lost = new ArrayList<>();
			for (int i = 0; i < Dialect.CHUNK; i++) {
				lost.add(attempt(key()).hold());
			}
			LockAttempt attempt = attempt(key());
			driver.acquire(attempt);
			List<Hold> all = new ArrayList<>(lost);
			all.add(attempt.hold());
			assertThat(driver.renew(all, LEASE).lost()).as("What is lost of many")
				.containsExactlyInAnyOrderElementsOf(lost);
		}
	}

	@ParameterizedTest
	@MethodSource("polledDatabases")
	void oneStatementLooksForAllIdsThatSomebodyWaitsFor(TestDatabase database) throws InterruptedException {
		int waiters = 20;
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		ExecutorService threads = Executors.newFixedThreadPool(waiters);
		try (JdbcLockDriver holder = database.driver();
				JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			for (int i = 0; i < waiters; i++) {
				LockAttempt held = attempt(key());
				holder.acquire(held);
				threads.submit(() -> driver
					.acquire(new LockAttempt(held.key(), UUID.randomUUID().toString(), LEASE, Deadline.in(LEASE))));
			}
			Predicate<String> looksForAll = (sql) -> sql.startsWith("SELECT lock_key")
					&& sql.chars().filter((character) -> character == '?').count() == waiters;
			// When all have waited for so long that they look as seldom as ever.
			Awaitility.await().atMost(Duration.ofSeconds(30)).during(Duration.ofSeconds(1)).until(() -> {
				List<String> sent = dataSource.sent();
				return sent.stream().allMatch(looksForAll);
			});
			Awaitility.await().during(Duration.ofSeconds(1)).until(() -> true);
			// Each for itself would come to this number in two or three rounds.
			assertThat(dataSource.sent()).as("What 20 waiters for 20 ids send in a second, one look each 50 ms")
				.isNotEmpty()
				.hasSizeLessThan(60)
				.allMatch(looksForAll);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static LockKey key() {
		return new LockKey("round-trips", UUID.randomUUID().toString());
	}

	private static LockAttempt attempt(LockKey key) {
		return new LockAttempt(key, UUID.randomUUID().toString(), LEASE, Deadline.in(Duration.ZERO));
	}

}
