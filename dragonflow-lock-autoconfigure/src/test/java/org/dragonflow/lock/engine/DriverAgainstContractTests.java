package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.FaultyDriver.Fault;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatRuntimeException;
import static org.awaitility.Awaitility.await;

/**
 * What the engine makes of a driver that does what no driver may.
 */
// The compiler does not find the null-ness of type arguments in class files.
@SuppressWarnings("NullAway")
@Timeout(60)
class DriverAgainstContractTests {

	private static final LockRequest ABC = LockRequest.of("a", "b", "c");

	private final EngineFixture fixture = new EngineFixture(Duration.ofMinutes(5), HandOver.DEFAULT);

	private final FaultyDriver driver = this.fixture.driver;

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.driver.closeFails = false;
		this.fixture.close();
	}

	@Test
	void answersOfTheWrongLengthLeaveNothing() {
		this.driver.answersToMany = (grants) -> grants.subList(1, grants.size());
		assertThatIllegalStateException().isThrownBy(() -> this.engine.acquire(ABC))
			.withMessageContaining("has answered 2");
		await().untilAsserted(this::assertAllAreFree);
	}

	@Test
	void noAnswersLeaveNothing() {
		this.driver.answersToMany = (grants) -> null;
		assertThatRuntimeException().isThrownBy(() -> this.engine.acquire(ABC));
		await().untilAsserted(this::assertAllAreFree);
	}

	@Test
	void aTokenOfOneThatIsTooLargeLeavesNothing() {
		this.driver.answersToOne = (grant) -> new Grant(1L << 60, Deadline.in(Duration.ofMinutes(5)));
		assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("a", false))
			.withMessageContaining("'a'")
			.withMessageContaining("fencing token");
		await().untilAsserted(() -> assertThat(this.fixture.isFreeForOthers("a")).as("free for others").isTrue());
	}

	@Test
	void aTokenThatIsTooLargeLeavesNothing() throws InterruptedException {
		this.driver.answersToMany = (grants) -> withLargeToken(grants);
		assertThatIllegalStateException().isThrownBy(() -> this.engine.acquire(ABC))
			.withMessageContaining("'b'")
			.withMessageContaining("fencing token");
		await().untilAsserted(this::assertAllAreFree);
		this.driver.answersToMany = (grants) -> grants;
		this.engine.acquire(ABC.withWait(Duration.ZERO)).close();
	}

	@Test
	void aReleaseThatFailsInTheDriverIsTriedOn() throws InterruptedException {
		LockHandle one = this.engine.acquire(LockRequest.of("a"));
		LockHandle two = this.engine.acquire(LockRequest.of("b", "c"));
		for (LockHandle handle : List.of(one, two)) {
			this.driver.releaseFaults.addAll(List.of(Fault.BUG, Fault.BUG, Fault.BUG));
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(handle::close)
				.withStackTraceContaining("a bug in a driver");
		}
		await().untilAsserted(this::assertAllAreFree);
	}

	@Test
	void aWaitGoesOnAlthoughWhatWasTakenAheadIsNotGivenBack() throws InterruptedException {
		this.fixture.takenByAnother("b");
		this.driver.releaseFaults.addAll(List.of(Fault.BUG, Fault.BUG));
		assertThat(this.engine.tryLock(ABC.withWait(Duration.ofMillis(100)))).as("what another holds").isFalse();
		await().until(() -> this.fixture.isFreeForOthers("a") && this.fixture.isFreeForOthers("c"));
	}

	@Test
	void aShutdownComesToItsEnd() throws InterruptedException {
		this.engine.acquire(ABC);
		this.fixture.takenByAnother("d");
		CompletableFuture<Void> waiter = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				this.engine.lock("d");
				waiter.complete(null);
			}
			catch (RuntimeException ex) {
				waiter.completeExceptionally(ex);
			}
		});
		thread.start();
		await().until(() -> this.driver.attempts.size() == 1 && thread.getState() == Thread.State.TIMED_WAITING);
		this.driver.releaseFaults.addAll(List.of(Fault.BUG, Fault.BUG));
		this.driver.closeFails = true;
		assertThatExceptionOfType(ArithmeticException.class).isThrownBy(this.engine::close);
		assertThat(waiter).failsWithin(Duration.ofSeconds(20))
			.withThrowableThat()
			.withCauseInstanceOf(IllegalStateException.class)
			.withMessageContaining("shutting down");
	}

	private static List<@Nullable Grant> withLargeToken(List<@Nullable Grant> grants) {
		List<@Nullable Grant> changed = new ArrayList<>(grants);
		changed.set(1, new Grant(1L << 55, grants.get(1).validUntil()));
		return changed;
	}

	private void assertAllAreFree() {
		assertThat(List.of("a", "b", "c")).as("free for others")
			.allMatch((objectId) -> this.fixture.isFreeForOthers(objectId));
	}

}
