package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of the rows of locks that nobody wants any more.
 */
@Timeout(120)
class SweeperTests {

	private static final String ROWS = "SELECT count(*) FROM DRAGONFLOW_LOCK";

	private static final Duration KEPT = Duration.ofSeconds(6);

	static Stream<TestDatabase> databases() {
		return JdbcLockDriverTests.allDatabases();
	}

	@ParameterizedTest
	@MethodSource("databases")
	void aReleasedRowStaysForAWhileAndGoesByItself(TestDatabase database) throws InterruptedException {
		try (JdbcLockDriver driver = new JdbcLockDriver(database.dataSource(), database.keeping(KEPT))) {
			LockAttempt held = attempt();
			driver.acquire(held);
			List<LockAttempt> many = new ArrayList<>();
			for (int i = 0; i < 30; i++) {
				many.add(attempt());
			}
			driver.acquireFree(many);
			long released = System.nanoTime();
			driver.releaseAll(many.subList(1, 30).stream().map(LockAttempt::hold).toList());
			driver.release(many.get(0).hold());
			assertThat(database.number(ROWS)).as("Rows after the release").isEqualTo(31);
			await().atMost(Duration.ofSeconds(60)).until(() -> database.number(ROWS) == 1);
			assertThat(Duration.ofNanos(System.nanoTime() - released)).as("The time until they are gone")
				.isGreaterThan(KEPT);
			assertThat(driver.look(held.key())).as("What is still held").isNotNull();
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void aNewDriverRemovesWhatCrashedHoldersHaveLeft(TestDatabase database) throws InterruptedException {
		LockAttempt crashed = attempt();
		LockAttempt alive = attempt();
		try (JdbcLockDriver driver = database.driver()) {
			driver.acquire(crashed);
			driver.acquire(alive);
		}
		database.expire(crashed.key().name());
		try (JdbcLockDriver driver = database.driver()) {
			await().until(() -> database.number(ROWS) == 1);
			assertThat(driver.look(alive.key())).as("Who is alive").isNotNull();
		}
	}

	@ParameterizedTest
	@MethodSource("databases")
	void theTableOfAnEarlierVersionIsRefusedWithWhatToDo(TestDatabase database) {
		database.execute("ALTER TABLE DRAGONFLOW_LOCK DROP COLUMN released_at");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(database::driver)
			.matches(LockStoreException::isRefused, "refused")
			.withMessageContainingAll("released_at", "DRAGONFLOW_LOCK", "initialize-schema=always");
	}

	@ParameterizedTest
	@MethodSource("org.dragonflow.lock.jdbc.TurnTests#databases")
	void aTableThatCannotTellWhoIsNextIsRefusedWithWhatToDo(TestDatabase database) {
		database.execute("ALTER TABLE DRAGONFLOW_LOCK DROP COLUMN next_owner");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(database::driver)
			.matches(LockStoreException::isRefused, "refused")
			.withMessageContainingAll("'next_owner'", "DRAGONFLOW_LOCK", "initialize-schema=always");
	}

	private static LockAttempt attempt() {
		return new LockAttempt(new LockKey("sweeper", UUID.randomUUID().toString()), UUID.randomUUID().toString(),
				Duration.ofMinutes(5), Deadline.in(Duration.ZERO));
	}

}
