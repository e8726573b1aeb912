package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * What is logged of waits that take long.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class WaitWatchTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	private static final Duration WARN_AFTER = Duration.ofMillis(100);

	private final LocalLockDriver others = new LocalLockDriver();

	private final FaultyDriver driver = new FaultyDriver(this.others.newClient());

	private final LockEngine engine = engine(this.driver, WARN_AFTER);

	@AfterEach
	void close() {
		this.engine.close();
		this.others.close();
	}

	@Test
	void aLongWaitForAThreadOfThisInstanceIsToldOnceAndAsksNoStore(CapturedOutput output) throws InterruptedException {
		String holder = Thread.currentThread().getName();
		Thread waiter;
		try (LockHandle handle = this.engine.acquire(LockRequest.of("net-1"))) {
			waiter = start("waiter", "net-1");
			await().untilAsserted(() -> assertThat(warnings(output)).singleElement()
				.asString()
				.contains("Thread 'waiter' has waited for the lock on 'net-1' for ")
				.matches(".* for \\d{3,} ms; it is held by thread '" + holder + "' of this instance, for \\d{3,} ms"));
			// As long again as it took, so that a second one would be there.
			Thread late = start("late", "net-1");
			await().untilAsserted(() -> assertThat(warnings(output)).anyMatch((line) -> line.contains("'late'")));
			assertThat(handle.isHeld()).isTrue();
			assertThat(late.isAlive()).isTrue();
		}
		waiter.join();
		assertThat(warnings(output)).as("one warning a wait").hasSize(2);
		assertThat(this.driver.looks).as("looks at the store").isEmpty();
	}

	@Test
	void aLongWaitForAnotherInstanceIsToldByOneLookAtTheStore(CapturedOutput output) throws InterruptedException {
		LockAttempt another = new LockAttempt(EngineFixture.key("net-1"), "another/1", LEASE,
				Deadline.in(Duration.ZERO));
		assertThat(this.others.acquire(another)).isNotNull();
		Thread first = start("first", "net-1");
		Thread second = start("second", "net-1");
		await().untilAsserted(() -> assertThat(warnings(output)).hasSize(2));
		assertThat(warnings(output)).allSatisfy((line) -> assertThat(line)
			.matches(".*Thread '(first|second)' has waited .*; it is held by another/1, for \\d+ ms, with \\d+ ms of"
					+ " its lease left"));
		assertThat(this.driver.looks).as("looks at the store, one for all who were due").hasSizeBetween(1, 2);
		this.others.release(another.hold());
		first.join();
		second.join();
	}

	@Test
	void shortWaitsAndHoldsAreNotToldAndLookingEnds(CapturedOutput output) throws InterruptedException {
		try (LockHandle handle = this.engine.acquire(LockRequest.of("net-1", "net-2"))) {
			assertThat(this.engine.tryLock("net-3", Duration.ZERO)).isTrue();
			// Longer than a wait may be: holding is no waiting.
			await().pollDelay(WARN_AFTER.multipliedBy(2)).until(handle::isHeld);
			this.engine.unlock("net-3");
		}
		assertThat(warnings(output)).isEmpty();
	}

	@Test
	void theWarningCanBeSwitchedOff(CapturedOutput output) throws InterruptedException {
		try (LockEngine silent = engine(new FaultyDriver(this.others.newClient()), null)) {
			silent.lock("net-1");
			Thread waiter = start(silent, "waiter", "net-1");
			await().pollDelay(WARN_AFTER.multipliedBy(2)).until(waiter::isAlive);
			silent.unlock("net-1");
			waiter.join();
		}
		assertThat(warnings(output)).isEmpty();
	}

	@Test
	void aRequestForManyIdsWaitsOnce(CapturedOutput output) throws InterruptedException {
		LockAttempt another = new LockAttempt(EngineFixture.key("net-2"), "another/1", LEASE,
				Deadline.in(Duration.ZERO));
		assertThat(this.others.acquire(another)).isNotNull();
		Thread waiter = start("waiter", "net-1", "net-2", "net-3");
		await().untilAsserted(() -> assertThat(warnings(output)).singleElement().asString().contains("'net-2'"));
		this.others.release(another.hold());
		waiter.join();
		assertThat(warnings(output)).hasSize(1);
	}

	@Test
	void theTimeMustBePositive() {
		assertThatIllegalArgumentException().isThrownBy(() -> engine(this.driver, Duration.ZERO))
			.withMessageContaining("must be positive");
	}

	private static LockEngine engine(FaultyDriver driver, @Nullable Duration warnAfter) {
		return new LockEngine(driver, new EngineSettings(EngineFixture.NAMESPACE, EngineSettings.newInstanceName(),
				LEASE, null, null, HandOver.NONE, warnAfter), (event) -> {
				});
	}

	private Thread start(String name, String... objectIds) {
		return start(this.engine, name, objectIds);
	}

	private static Thread start(LockEngine engine, String name, String... objectIds) {
		Thread thread = new Thread(() -> {
			try {
				engine.lock(LockRequest.of(objectIds)).close();
			}
			catch (IllegalStateException ex) {
				// The test is over. Thrown out of the thread, it would fail another one.
				assertThat(ex).hasMessageContaining("shutting down");
			}
		}, name);
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.getOut().lines().filter((line) -> line.contains("has waited")).toList();
	}

}
