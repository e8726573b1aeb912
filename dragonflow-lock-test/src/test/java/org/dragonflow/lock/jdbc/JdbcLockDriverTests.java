package org.dragonflow.lock.jdbc;

import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.MariaDbServer;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is special to databases.
 */
class JdbcLockDriverTests {

	// The common pool may have a single thread, which must not wait for itself.
	private static final Executor OWN_THREAD = (task) -> new Thread(task).start();

	private static final Duration LEASE = Duration.ofMinutes(1);

	static Stream<TestDatabase> databases() {
		return Stream.of(TestDatabase.postgres(), TestDatabase.mariaDb(), TestDatabase.mySql(), TestDatabase.h2Server(),
				TestDatabase.h2Memory());
	}

	static Stream<TestDatabase> allDatabases() {
		return Stream.concat(databases(), TestDatabase.portables());
	}

	@ParameterizedTest
	@MethodSource("databases")
	void theDialectIsFoundByTheDatabasesName(TestDatabase database) throws InterruptedException {
		JdbcLockSettings settings = JdbcLockSettings.defaults();
		try (JdbcLockDriver driver = new JdbcLockDriver(database.dataSource(), settings)) {
			LockAttempt attempt = attempt();
			assertThat(driver.acquire(attempt)).isNotNull();
			assertThat(database.number(TestDatabase.HELD)).as("Rows while held").isOne();
			driver.release(attempt.hold());
			assertThat(database.number(TestDatabase.HELD)).as("Rows after the release").isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void theReleaseOfAnExpiredHoldLeavesNoHold(TestDatabase database) throws InterruptedException {
		try (JdbcLockDriver driver = database.driver()) {
			LockAttempt attempt = attempt();
			driver.acquire(attempt);
			database.expire(attempt.key().name());
			assertThat(driver.release(attempt.hold())).as("Whether an expired hold was released").isFalse();
			assertThat(database.number(TestDatabase.HELD)).as("Rows after that").isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("allDatabases")
	void aMissingTableIsRefusedAtStartAndNamed(TestDatabase database) {
		database.execute("DROP TABLE DRAGONFLOW_LOCK");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(database::driver)
			.matches(LockStoreException::isRefused, "refused")
			.withMessageContainingAll("DRAGONFLOW_LOCK", "dragonflow.lock.jdbc.initialize-schema=always");
	}

	@Test
	void aWrongPasswordIsRefused() {
		for (Database right : Stream.of(PostgresServer.shared().newDatabase(), MariaDbServer.shared().newDatabase())
			.toList()) {
			Database wrong = new Database(right.jdbcUrl(), right.username(), "wrong");
			assertThatExceptionOfType(LockStoreException.class).as("Of %s", right.jdbcUrl())
				.isThrownBy(() -> JdbcLockDriver.beside(wrong.dataSource(),
						new JdbcLockSettings("T", null, Duration.ofSeconds(1), Duration.ofMillis(50), LEASE), 2))
				.matches(LockStoreException::isRefused, "refused")
				.withMessageContaining("password");
		}
	}

	@Test
	void aTableThatIsNoIdentifierIsRefused() {
		for (String table : Stream.of("", "a b", "a;b", "a.b.c", "x".repeat(64), "1a", "a'").toList()) {
			assertThatIllegalArgumentException().as("Table '%s'", table)
				.isThrownBy(() -> new JdbcLockSettings(table, null, LEASE, LEASE, LEASE.multipliedBy(2)))
				.withMessageContaining("'" + table + "'");
		}
	}

	@Test
	void eachScriptIsOfAPlatformThatCanBeNamed() throws IOException {
		assertThat(new PathMatchingResourcePatternResolver()
			.getResources("classpath*:org/dragonflow/lock/jdbc/schema-*.sql")).extracting(Resource::getFilename)
			.containsExactlyInAnyOrderElementsOf(
					JdbcLockSettings.platforms().stream().map((platform) -> "schema-" + platform + ".sql").toList());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, "oracle", LEASE, LEASE,
					LEASE.multipliedBy(2)))
			.withMessageContainingAll("'oracle'", "portable");
	}

	@Test
	void aPausedServerIsUnreachableWithinTheTimeout() throws Exception {
		try (PostgresServer server = PostgresServer.start()) {
			TestDatabase database = new TestDatabase("postgresql", server.newDatabase()).withTable();
			try (JdbcLockDriver driver = JdbcLockDriver.beside(database.dataSource(),
					database.settings(Duration.ofMillis(500)), 2)) {
				LockAttempt attempt = attempt();
				driver.acquire(attempt);
				server.pause();
				CompletableFuture<Boolean> release = CompletableFuture
					.supplyAsync(() -> driver.release(attempt.hold()));
				assertThat(release).as("A release while the server is paused")
					.failsWithin(Duration.ofSeconds(20))
					.withThrowableThat()
					.withCauseInstanceOf(LockStoreException.class);
				server.resume();
				driver.release(attempt.hold());
				assertThat(driver.acquire(attempt())).as("A grant after the server goes on").isNotNull();
			}
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void anInterruptedWaiterLeavesNothing(TestDatabase database) throws Exception {
		try (JdbcLockDriver driver = database.driver()) {
			LockAttempt held = attempt();
			driver.acquire(held);
			Thread.currentThread().interrupt();
			LockAttempt waiting = new LockAttempt(held.key(), "waiting", LEASE, Deadline.in(LEASE));
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> driver.acquire(waiting));
			Thread.currentThread().interrupt();
			assertThat(driver.release(held.hold())).as("A release by an interrupted thread").isTrue();
			assertThat(Thread.interrupted()).as("The interrupt flag").isTrue();
			assertThat(database.number(TestDatabase.HELD)).as("Rows left").isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("allDatabases")
	void closingTheDriverEndsAWait(TestDatabase database) throws Exception {
		try (JdbcLockDriver holder = database.driver(); JdbcLockDriver driver = database.driver()) {
			LockAttempt held = attempt();
			holder.acquire(held);
			CompletableFuture<Grant> waiting = CompletableFuture.supplyAsync(() -> {
				try {
					return driver.acquire(new LockAttempt(held.key(), "waiting", LEASE, Deadline.in(LEASE)));
				}
				catch (InterruptedException ex) {
					throw new CompletionException(ex);
				}
			}, OWN_THREAD);
			CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS, OWN_THREAD).execute(driver::close);
			assertThat(waiting).failsWithin(Duration.ofSeconds(20))
				.withThrowableThat()
				.withCauseInstanceOf(LockStoreException.class);
		}
	}

	private static LockAttempt attempt() {
		return new LockAttempt(new LockKey("jdbc", UUID.randomUUID().toString()), UUID.randomUUID().toString(), LEASE,
				Deadline.in(Duration.ZERO));
	}

}
