package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.awaitility.Awaitility;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PgBouncer;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of waiters behind PgBouncer, which has to be installed.
 */
@Tag("more-servers")
class PgBouncerTests extends ListenerCases {

	private static final int CLIENTS = 2;

	private static final int THREADS_OF_A_CLIENT = 2;

	private static final int ROUNDS = 300;

	private static final int MANY = 10;

	@Test
	void aWaiterBehindPgBouncerInTransactionModeIsServedByPolling() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "transaction");
				JdbcLockDriver driver = JdbcLockDriver.beside(pooled(pooler), this.database.settings(), 4)) {
			assertServedByPolling(driver);
		}
	}

	@Test
	void aWaiterBehindPgBouncerInTransactionModeIsServedWithinASecond() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "transaction");
				JdbcLockDriver driver = JdbcLockDriver.beside(pooled(pooler), this.database.settings(), 4)) {
			List<Duration> handOffs = new ArrayList<>();
			for (int i = 0; i < 9; i++) {
				LockAttempt held = attempt(Duration.ZERO);
				assertThat(this.holder.acquire(held)).as("the holder's grant").isNotNull();
				LockAttempt waiting = attempt(LEASE);
				CompletableFuture<@Nullable Grant> grant = CompletableFuture
					.supplyAsync(() -> acquire(driver, waiting));
				awaitWaiter();
				long released = System.nanoTime();
				this.holder.release(held.hold());
				assertThat(grant.get(30, TimeUnit.SECONDS)).as("the waiter's grant").isNotNull();
				handOffs.add(Duration.ofNanos(System.nanoTime() - released));
				driver.release(waiting.hold());
			}
			handOffs.sort(null);
			// One may be late for other reasons.
			assertThat(handOffs.get(handOffs.size() / 2)).as("the median of %s", handOffs)
				.isLessThan(Duration.ofSeconds(1));
		}
	}

	@Test
	void clientsBehindPgBouncerInTransactionModeDoNotRunEachOthersStatements() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "transaction")) {
			assertAllGoesWell(() -> JdbcLockDriver.beside(pooled(pooler), this.database.settings(), 4));
		}
	}

	@Test
	void norDoTheyWithADataSourceThatIsUsedAsItIs() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "transaction");
				HikariDataSource first = pool(pooler);
				HikariDataSource second = pool(pooler)) {
			Iterator<HikariDataSource> pools = List.of(first, second).iterator();
			assertAllGoesWell(() -> new JdbcLockDriver(pools.next(), this.database.settings()));
		}
	}

	/**
	 * Several clients send all kinds of statements, each in an order of its own, so that
	 * the same name would be another statement's for each.
	 */
	private static void assertAllGoesWell(Supplier<JdbcLockDriver> drivers) throws Exception {
		List<JdbcLockDriver> clients = new ArrayList<>();
		try {
			List<CompletableFuture<Void>> threads = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				JdbcLockDriver client = drivers.get();
				clients.add(client);
				for (int j = 0; j < THREADS_OF_A_CLIENT; j++) {
					Random random = new Random(10 * i + j);
					LockKey key = new LockKey("pgbouncer", i + "-" + j);
					threads.add(CompletableFuture.runAsync(() -> work(client, key, random),
							(task) -> new Thread(task).start()));
				}
			}
			for (CompletableFuture<Void> thread : threads) {
				thread.get(60, TimeUnit.SECONDS);
			}
		}
		finally {
			clients.forEach(JdbcLockDriver::close);
		}
	}

	private static void work(JdbcLockDriver driver, LockKey key, Random random) {
		List<Runnable> uses = new ArrayList<>(List.of(() -> holdAndRelease(driver, key), () -> holdMany(driver, key),
				() -> assertThat(driver.look(key)).as("what nobody holds").isNull(),
				() -> assertThat(driver.release(attempt(key).hold())).as("what nobody holds, released").isFalse()));
		for (int i = 0; i < ROUNDS; i++) {
			Collections.shuffle(uses, random);
			uses.forEach(Runnable::run);
		}
	}

	private static void holdAndRelease(JdbcLockDriver driver, LockKey key) {
		LockAttempt attempt = attempt(key);
		assertThat(acquire(driver, attempt)).as("a grant").isNotNull();
		assertThat(acquire(driver, attempt(key))).as("a grant of what is held").isNull();
		assertThat(driver.renew(List.of(attempt.hold()), LEASE).lost()).as("lost").isEmpty();
		assertThat(driver.look(key)).as("the record")
			.satisfies((found) -> assertThat(found.hold()).isEqualTo(attempt.hold()));
		assertThat(driver.requestRevocation(attempt.hold())).as("asked for the release").isTrue();
		assertThat(driver.release(attempt.hold())).as("released").isTrue();
	}

	private static void holdMany(JdbcLockDriver driver, LockKey key) {
		List<LockAttempt> attempts = IntStream.range(0, MANY)
			.mapToObj((id) -> attempt(new LockKey(key.namespace(), key.objectId() + "-" + id)))
			.toList();
		List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
		assertThat(driver.acquireFree(attempts)).as("grants of many").doesNotContainNull().hasSize(MANY);
		assertThat(driver.renew(holds, LEASE).renewed()).as("renewed").hasSize(MANY);
		assertThat(driver.releaseAll(holds)).as("released").hasSize(MANY);
	}

	private static LockAttempt attempt(LockKey key) {
		return new LockAttempt(key, UUID.randomUUID().toString(), LEASE, Deadline.in(Duration.ZERO));
	}

	private DataSource pooled(PgBouncer pooler) {
		return this.database.database().through(pooler.port()).dataSource();
	}

	private HikariDataSource pool(PgBouncer pooler) {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(pooled(pooler));
		pool.setMaximumPoolSize(THREADS_OF_A_CLIENT + 2);
		return pool;
	}

	@Test
	void aWaiterBehindPgBouncerInSessionModeIsTold() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(PostgresServer.shared(), "session");
				NotifySignals signals = new NotifySignals(
						new LockConnections(this.database.database().through(pooler.port()).dataSource(),
								this.database.settings()),
						"dragonflow_lock", Set::copyOf, Duration.ofMillis(50));
				Waiter waiter = signals.register(new Hold(KEY, "waiting"))) {
			awaitListener();
			// Everybody looks when the listening begins.
			Awaitility.await("nothing more is told").until(() -> !waiter.await(Duration.ofMillis(100).toNanos()));
			this.database.number("SELECT count(*) FROM pg_notify('dragonflow_lock', '" + KEY.name() + "') AS told");
			assertThat(waiter.await(Duration.ofSeconds(20).toNanos())).as("told of a release").isTrue();
		}
	}

}
