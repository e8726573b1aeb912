package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.Database;
import org.dragonflow.lock.test.servers.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A standby takes the place of a primary that it has not followed to the end.
 */
@Timeout(120)
class PostgresFailoverTests {

	private static final int UNSEEN_GRANTS = 50;

	private static final LockKey ONE = key();

	private static final LockKey ONE_OF_MANY = key();

	private static final LockKey AWAITED = key();

	private static final String HELD = TestDatabase.HELD + " AND lock_key = '" + AWAITED.name() + "'";

	@Test
	void tokensRiseThoughAStandbyThatLagsIsPromotedWhileInstancesRun() throws Exception {
		try (PostgresServer primary = PostgresServer.start(); PostgresServer standby = primary.standby()) {
			Database database = primary.newDatabase();
			TestDatabase either = new TestDatabase("postgresql", database.orThrough(standby.port())).withTable();
			TestDatabase promoted = new TestDatabase("postgresql", database.through(standby.port()));
			try (JdbcLockDriver driver = either.driver()) {
				holdAndRelease(driver, ONE);
				holdAndRelease(driver, ONE_OF_MANY);
				LockAttempt holder = attempt(AWAITED, Duration.ZERO);
				acquire(driver, holder);
				await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(() -> promoted.number(HELD) == 1);
				standby.leaveBehind();
				assertThat(driver.release(holder.hold())).as("Whether the primary had the hold").isTrue();
				for (int i = 0; i < UNSEEN_GRANTS; i++) {
					List.of(ONE, ONE_OF_MANY, AWAITED).forEach((key) -> holdAndRelease(driver, key));
				}
				long highest = either.number("SELECT max(token) FROM DRAGONFLOW_LOCK");
				primary.kill();
				standby.promote();
				assertThat(promoted.number("SELECT max(token) FROM DRAGONFLOW_LOCK"))
					.as("the last token that the standby has seen")
					.isLessThan(highest);
				// The first tries have a connection to the old primary.
				LockAttempt first = attempt(ONE, Duration.ZERO);
				long token = await().atMost(60, TimeUnit.SECONDS)
					.ignoreException(LockStoreException.class)
					.until(() -> acquire(driver, first), (any) -> true);
				assertThat(token).as("the token of the first grant of the new primary").isGreaterThan(highest);
				assertThat(driver.acquireFree(List.of(attempt(ONE_OF_MANY, Duration.ZERO)))).as("one of many")
					.singleElement()
					.satisfies((grant) -> assertThat(token(grant)).isGreaterThan(highest));
				CompletableFuture<Long> waiter = CompletableFuture
					.supplyAsync(() -> acquire(driver, attempt(AWAITED, Duration.ofMinutes(1))));
				await().atMost(30, TimeUnit.SECONDS).until(() -> promoted.number(HELD + " AND waiting") == 1);
				assertThat(driver.release(holder.hold())).as("Whether the new primary had the hold").isTrue();
				assertThat(waiter.get(60, TimeUnit.SECONDS)).as("the token of who had to wait").isGreaterThan(highest);
			}
		}
	}

	private static long holdAndRelease(JdbcLockDriver driver, LockKey key) {
		LockAttempt attempt = attempt(key, Duration.ofSeconds(1));
		long token = acquire(driver, attempt);
		driver.release(attempt.hold());
		return token;
	}

	private static long acquire(JdbcLockDriver driver, LockAttempt attempt) {
		try {
			return token(driver.acquire(attempt));
		}
		catch (InterruptedException ex) {
			throw new CompletionException(ex);
		}
	}

	private static long token(@Nullable Grant grant) {
		assertThat(grant).as("what was granted").isNotNull();
		return grant.token();
	}

	private static LockKey key() {
		return new LockKey("failover", UUID.randomUUID().toString());
	}

	private static LockAttempt attempt(LockKey key, Duration wait) {
		return new LockAttempt(key, UUID.randomUUID().toString(), Duration.ofMinutes(10), Deadline.in(wait));
	}

}
