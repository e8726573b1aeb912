package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.Database;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * H2 while it speaks like another database, for which it drops words of its own.
 */
class H2ModeTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	@ParameterizedTest
	@ValueSource(strings = { "REGULAR", "STRICT", "LEGACY", "DB2", "Derby", "HSQLDB", "MSSQLServer", "MariaDB", "MySQL",
			"Oracle", "PostgreSQL" })
	void allOperationsWorkInMode(String mode) throws InterruptedException {
		TestDatabase database = new TestDatabase("h2",
				new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;MODE=" + mode, "sa", ""))
			.withTable();
		try (JdbcLockDriver driver = database.driver()) {
			LockAttempt first = attempt("net-1");
			LockAttempt second = attempt("net-2");
			Grant grant = driver.acquire(first);
			assertThat(grant).as("a grant").isNotNull();
			assertThat(driver.acquire(attempt("net-1"))).as("another's attempt").isNull();
			assertThat(driver.acquireFree(List.of(attempt("net-1"), second))).as("grants of many")
				.satisfiesExactly((held) -> assertThat(held).isNull(), (free) -> assertThat(free).isNotNull());
			assertThat(driver.look(first.key())).as("the record").isNotNull();
			assertThat(driver.requestRevocation(first.hold())).as("asked for").isTrue();
			List<Hold> holds = List.of(first.hold(), second.hold());
			assertThat(driver.renew(holds, LEASE)).satisfies((renewal) -> {
				assertThat(renewal.renewed()).as("renewed").containsOnlyKeys(holds);
				assertThat(renewal.revocations()).as("asked for").containsExactly(first.hold());
			});
			assertThat(driver.releaseAll(holds)).as("released").isEqualTo(Set.copyOf(holds));
			Grant next = driver.acquire(attempt("net-1"));
			assertThat(next).as("the next grant").isNotNull();
			assertThat(next.token()).as("its token").isGreaterThan(grant.token());
			database.expire(first.key().name());
			database.driver().close();
			assertThat(database.number("SELECT count(*) FROM DRAGONFLOW_LOCK")).as("rows after a start").isOne();
		}
	}

	private static LockAttempt attempt(String objectId) {
		return new LockAttempt(new LockKey("h2", objectId), UUID.randomUUID().toString(), LEASE,
				Deadline.in(Duration.ZERO));
	}

}
