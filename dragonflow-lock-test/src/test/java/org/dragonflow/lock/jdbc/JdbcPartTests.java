package org.dragonflow.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/**
 * What takes several statements, of which one fails.
 */
class JdbcPartTests {

	private static final Duration LEASE = Duration.ofMinutes(5);

	// Three statements take them all.
	private static final int LOCKS = 2 * Dialect.CHUNK + 1;

	private final String prefix = UUID.randomUUID().toString();

	private final List<LockAttempt> attempts = Stream.iterate(1000, (i) -> i + 1)
		.limit(LOCKS)
		.map((i) -> attempt(this.prefix + i))
		.toList();

	private final List<Hold> holds = this.attempts.stream().map(LockAttempt::hold).toList();

	// The second statement's, for the statements go by the names of the keys.
	private final List<Hold> second = this.holds.subList(Dialect.CHUNK, 2 * Dialect.CHUNK);

	private final List<Hold> others = others(this.second);

	static Stream<TestDatabase> databases() {
		return Stream.of(TestDatabase.postgres(), TestDatabase.h2Memory());
	}

	static Stream<SQLException> answers() {
		return Stream.of(new SQLException("refused", "42501"), new SQLException("locked by another", "55P03"));
	}

	@ParameterizedTest
	@MethodSource("databases")
	void aStatementThatFailsTakesOnlyItsOwnAttemptsAndReleases(TestDatabase database) {
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			dataSource.failing(2, new SQLException("refused", "42501"));
			PartialAnswerException acquire = catchThrowableOfType(PartialAnswerException.class,
					() -> driver.acquireFree(this.attempts));
			for (int i = 0; i < LOCKS; i++) {
				Grant grant = acquire.grants().get(i);
				assertThat(grant != null).as("whether %s is granted", this.holds.get(i))
					.isEqualTo(!this.second.contains(this.holds.get(i)));
			}
			assertThat(acquire.unknown()).as("what may be granted").containsOnlyKeys(this.second);
			assertThat(driver.acquireFree(this.attempts)).as("the grants when all is well").doesNotContainNull();
			dataSource.failing(2, new SQLException("refused", "42501"));
			PartialAnswerException release = catchThrowableOfType(PartialAnswerException.class,
					() -> driver.releaseAll(this.holds));
			assertThat(release.released()).as("what is released").containsExactlyInAnyOrderElementsOf(this.others);
			assertThat(release.unknown()).as("what may be").containsOnlyKeys(this.second);
			assertThat(driver.releaseAll(this.holds)).as("what is left")
				.containsExactlyInAnyOrderElementsOf(this.second);
		}
	}

	@ParameterizedTest
	@MethodSource("answers")
	void aStatementThatFailsTakesOnlyItsOwnRenewals(SQLException failure) {
		TestDatabase database = TestDatabase.hsqlDb();
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			driver.acquireFree(this.attempts);
			Hold lost = this.holds.get(LOCKS - 1);
			driver.release(lost);
			dataSource.failing(2, failure);
			Renewal renewal = driver.renew(this.holds, LEASE);
			assertThat(renewal.renewed()).as("what is renewed")
				.containsOnlyKeys(this.others.subList(0, this.others.size() - 1));
			assertThat(renewal.lost()).as("what is lost").containsExactly(lost);
			assertThat(renewal.unknown()).as("what is unknown").containsOnlyKeys(this.second);
			assertThat(renewal.unknown().get(this.second.get(0))).hasMessageContaining(failure.getMessage());
		}
	}

	@Test
	void aDatabaseThatCannotBeReachedIsNotAskedAgainForEachStatement() {
		TestDatabase database = TestDatabase.hsqlDb();
		CountingDataSource dataSource = new CountingDataSource(database.dataSource());
		try (JdbcLockDriver driver = new JdbcLockDriver(dataSource, database.settings())) {
			driver.acquireFree(this.attempts);
			dataSource.sent();
			dataSource.failing(2, new SQLException("connection lost", "08006"));
			Renewal renewal = driver.renew(this.holds, LEASE);
			assertThat(dataSource.sent()).as("what was sent").filteredOn((sent) -> !sent.equals("isValid")).hasSize(2);
			assertThat(renewal.renewed()).as("what is renewed").containsOnlyKeys(this.holds.subList(0, Dialect.CHUNK));
			assertThat(renewal.unknown()).as("what is unknown")
				.containsOnlyKeys(this.holds.subList(Dialect.CHUNK, LOCKS));
			dataSource.failing(1, new SQLException("connection lost", "08006"));
			assertThatExceptionOfType(LockStoreException.class).as("what is thrown where nothing is known")
				.isThrownBy(() -> driver.renew(this.holds, LEASE))
				.withMessageContaining("connection lost");
		}
	}

	@Test
	void aRowThatAForeignTransactionLocksTakesOnlyItsOwnHold() throws Exception {
		TestDatabase database = TestDatabase.postgres();
		Duration lease = Duration.ofSeconds(9);
		String locked = this.prefix + 7;
		Queue<String> lost = new ConcurrentLinkedQueue<>();
		EngineSettings settings = new EngineSettings("parts", EngineSettings.newInstanceName(), lease, null, null,
				HandOver.DEFAULT);
		try (Connection foreign = database.dataSource().getConnection();
				LockEngine engine = new LockEngine(
						JdbcLockDriver.beside(database.dataSource(), database.settings(Duration.ofMillis(500)), 4),
						settings, (event) -> lost.add(event.objectId()))) {
			for (int i = 0; i < 20; i++) {
				engine.acquire(LockRequest.of(this.prefix + i));
			}
			foreign.setAutoCommit(false);
			try (PreparedStatement select = foreign
				.prepareStatement("SELECT * FROM DRAGONFLOW_LOCK WHERE lock_key = ? FOR UPDATE")) {
				select.setString(1, new LockKey("parts", locked).name());
				select.executeQuery();
			}
			await().atMost(lease.multipliedBy(3)).until(() -> !lost.isEmpty());
			assertThat(lost).as("what is lost at the end of its lease").containsExactly(locked);
			await().pollDelay(lease.dividedBy(3)).until(() -> true);
			assertThat(lost).as("what is lost after another third of a lease").containsExactly(locked);
			foreign.rollback();
		}
	}

	private List<Hold> others(List<Hold> some) {
		List<Hold> others = new ArrayList<>(this.holds);
		others.removeAll(some);
		return others;
	}

	private static LockAttempt attempt(String id) {
		return new LockAttempt(new LockKey("parts", id), "owner/" + id, LEASE, Deadline.in(Duration.ZERO));
	}

}
