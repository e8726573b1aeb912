package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What a server that may have forgotten grants does, without the crash: the table that it
 * empties then is emptied here.
 */
@Timeout(120)
class PostgresMemoryTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	private final TestDatabase database = TestDatabase.postgres();

	private final List<JdbcLockDriver> drivers = new ArrayList<>();

	@AfterEach
	void close() {
		this.drivers.forEach(JdbcLockDriver::close);
	}

	@Test
	void aServerThatWasNeverUsedGrantsAtOnceAndSoDoesOneThatRemembers() throws Exception {
		JdbcLockDriver first = driver();
		assertThat(first.acquire(attempt("net-1", LEASE))).isNotNull();
		assertThat(driver().acquire(attempt("net-2", LEASE))).isNotNull();
		assertThat(first.acquire(attempt("net-3", LEASE))).isNotNull();
	}

	@Test
	void aGrantDoesNotWaitForTheDisk() throws Exception {
		JdbcLockDriver driver = driver();
		driver.acquire(attempt("net-1", LEASE));
		int flushes = 0;
		for (int i = 0; i < 20; i++) {
			long before = flushed();
			driver.acquire(attempt("short-" + i, LEASE));
			flushes += (flushed() > before) ? 1 : 0;
		}
		// The server writes by itself from time to time.
		assertThat(flushes).as("how many of 20 grants were on disk at once").isLessThan(10);
		long before = flushed();
		driver.acquire(attempt("long", PostgresMemory.LONGEST_AHEAD.plusMillis(1)));
		assertThat(flushed()).as("what is on disk after one with a long lease").isGreaterThan(before);
	}

	@Test
	void whereGrantsMayBeForgottenNothingIsGrantedUntilTheLongestLeaseIsOver() throws Exception {
		JdbcLockDriver driver = driver();
		Hold held = attempt("net-1", Duration.ofSeconds(1)).hold();
		driver.acquire(attempt("net-1", Duration.ofSeconds(1)));
		driver.acquire(attempt("net-2", Duration.ofSeconds(2)));
		driver.acquire(attempt("net-3", PostgresMemory.LONGEST_AHEAD.plusDays(1)));
		forget();
		long start = System.nanoTime();
		LockAttempt wanted = attempt("net-4", Duration.ofSeconds(1));
		assertPauses(driver, wanted, Duration.ofSeconds(2));
		assertPauses(driver(), wanted, Duration.ofSeconds(2));
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> driver.acquireFree(List.of(wanted, attempt("net-5", LEASE))));
		assertThat(driver.renew(List.of(held), Duration.ofMinutes(1)).renewed()).as("what is renewed meanwhile")
			.containsOnlyKeys(held);
		assertThat(driver.release(held)).as("that it is released meanwhile").isTrue();
		assertThat(grantedIn(driver, wanted) - start).isGreaterThanOrEqualTo(Duration.ofSeconds(2).toNanos());
	}

	@Test
	void aLeaseThatIsLongerThanEverIsRememberedBeforeItIsGranted() throws Exception {
		JdbcLockDriver driver = driver();
		driver.acquire(attempt("net-1", Duration.ofSeconds(1)));
		assertThat(driver.acquireFree(List.of(attempt("net-2", LEASE), attempt("net-3", LEASE)))).doesNotContainNull();
		forget();
		assertPauses(driver(), attempt("net-4", Duration.ofSeconds(1)), LEASE);
	}

	@Test
	void anInstanceThatWaitsForTheDiskHeedsWhatOthersDoNotWaitFor() throws Exception {
		driver().acquire(attempt("net-1", LEASE));
		JdbcLockDriver durable = this.database.driver();
		this.drivers.add(durable);
		assertThat(durable.acquire(attempt("net-2", LEASE))).as("what it gets where nothing is forgotten").isNotNull();
		forget();
		assertPauses(durable, attempt("net-3", LEASE), LEASE);
	}

	@Test
	void aTableThatWasMadeAnewIsOneThatMayHaveForgotten() throws Exception {
		JdbcLockDriver driver = driver();
		driver.acquire(attempt("net-1", LEASE));
		this.database.execute("DROP TABLE DRAGONFLOW_LOCK");
		this.database.withTableAnew();
		assertPauses(driver, attempt("net-1", LEASE), LEASE);
	}

	@Test
	void whereTheTableForItIsMissingTheStartSaysSo() {
		this.database.execute("DROP TABLE DRAGONFLOW_LOCK_MEMORY");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(this::driver)
			.withMessageContainingAll("DRAGONFLOW_LOCK_MEMORY", "dragonflow.lock.jdbc.wait-for-disk=false",
					"initialize-schema");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whereItCannotBeDoneTheStartSaysSo(CapturedOutput output) {
		TestDatabase other = TestDatabase.h2Memory();
		this.drivers.add(JdbcLockDriver.beside(other.dataSource(), other.ahead(), 2));
		assertThat(output).contains("'dragonflow.lock.jdbc.wait-for-disk=false' has no effect");
	}

	private JdbcLockDriver driver() {
		JdbcLockDriver driver = JdbcLockDriver.beside(this.database.dataSource(), this.database.ahead(), 2);
		this.drivers.add(driver);
		return driver;
	}

	private void forget() {
		this.database.execute("TRUNCATE DRAGONFLOW_LOCK_MEMORY");
	}

	private long flushed() {
		return this.database.number("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn");
	}

	private static void assertPauses(JdbcLockDriver driver, LockAttempt attempt, Duration longest) {
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> driver.acquire(attempt))
			.satisfies((ex) -> {
				assertThat(ex.isRefused()).isFalse();
				assertThat(ex.getPause()).isBetween(longest.dividedBy(2), longest);
			});
	}

	private static long grantedIn(JdbcLockDriver driver, LockAttempt attempt) {
		await("The pause is over").atMost(Duration.ofSeconds(30)).until(() -> {
			try {
				return driver.acquire(attempt) != null;
			}
			catch (LockStoreException ex) {
				assertThat(ex.getPause()).isNotNull();
				return false;
			}
		});
		return System.nanoTime();
	}

	private static LockAttempt attempt(String objectId, Duration lease) {
		return new LockAttempt(new LockKey("memory", objectId), "me", lease, Deadline.in(Duration.ZERO));
	}

}
