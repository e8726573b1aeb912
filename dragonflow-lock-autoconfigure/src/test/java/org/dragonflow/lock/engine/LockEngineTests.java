package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.spi.LockAttempt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * What does not need a store to be seen; the contract kit has the rest.
 */
@Timeout(60)
class LockEngineTests {

	// The common pool may have a single thread, which must not wait for itself.
	private static final Executor OWN_THREAD = (task) -> new Thread(task).start();

	private final EngineFixture fixture = new EngineFixture(Duration.ofSeconds(20));

	private final FaultyDriver driver = this.fixture.driver;

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void threadsOfOneJvmAreServedInTheOrderInWhichTheyCame() throws Exception {
		List<Integer> served = new CopyOnWriteArrayList<>();
		List<Thread> threads = new ArrayList<>();
		this.engine.lock("net-1");
		for (int i = 0; i < 10; i++) {
			int number = i;
			Thread thread = new Thread(() -> this.engine.run("net-1", () -> served.add(number)));
			threads.add(thread);
			thread.start();
			await().until(
					() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
		}
		this.engine.unlock("net-1");
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(served).as("order").containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
	}

	@Test
	void onlyTheFirstInLineTalksToTheStore() throws Exception {
		LockAttempt other = this.fixture.takenByAnother("net-1");
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			Thread thread = new Thread(() -> this.engine.run("net-1", () -> {
			}));
			threads.add(thread);
			thread.start();
			await().until(
					() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
		}
		assertThat(this.driver.attempts).as("attempts while ten threads wait").hasSize(1);
		this.fixture.others.release(other.hold());
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(this.driver.attempts).as("attempts in all").hasSize(10);
	}

	@Test
	void aTryForWhatThisJvmHoldsAsksNoStore() throws Exception {
		this.engine.lock("net-1");
		CompletableFuture
			.runAsync(() -> assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> this.engine.lock("net-1", false))
				.withMessageContaining("of this instance"))
			.get(20, TimeUnit.SECONDS);
		assertThat(this.driver.attempts).as("attempts").hasSize(1);
		this.engine.unlock("net-1");
	}

	@Test
	void aWaitThatEndsTellsWhoHoldsTheLock() {
		LockAttempt other = this.fixture.takenByAnother("net-1");
		LockRequest request = LockRequest.of("net-1").withWait(Duration.ofMillis(50));
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.engine.acquire(request))
			.withMessageContaining("net-1")
			.withMessageContaining(other.owner());
	}

	@Test
	void theConfiguredWaitBoundsABlockingLock() {
		try (EngineFixture bounded = new EngineFixture(Duration.ofSeconds(20), Duration.ofMillis(50), null)) {
			bounded.takenByAnother("net-1");
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> bounded.engine.lock("net-1"))
				.withMessageContaining("PT0.05S");
		}
	}

	@Test
	void aThreadThatWouldWaitForItselfIsTold() {
		this.engine.lock("net-1");
		assertThatIllegalStateException().isThrownBy(() -> this.engine.acquire(LockRequest.of("net-0", "net-1")))
			.withMessageContaining("net-1");
		assertThat(this.fixture.isFreeForOthers("net-0")).as("the other id was not touched").isTrue();
		this.engine.unlock("net-1");
	}

	@Test
	void theViewOnAHoldCannotEndIt() {
		this.engine.lock("net-1");
		LockHandle view = this.engine.held("net-1");
		assertThat(view).isNotNull();
		assertThatIllegalStateException().isThrownBy(view::close);
		assertThat(view.isHeld()).isTrue();
		this.engine.unlock("net-1");
		assertThat(view.isHeld()).isFalse();
	}

	@Test
	void aThreadsHandleIsClosedByNoOther() throws Exception {
		LockHandle handle = this.engine.lock(LockRequest.of("net-1", "net-2"));
		CompletableFuture
			.runAsync(() -> assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(handle::close))
			.get(20, TimeUnit.SECONDS);
		assertThat(handle.isHeld()).isTrue();
		handle.close();
		handle.close();
		assertThat(this.fixture.isFreeForOthers("net-1")).isTrue();
		assertThat(this.fixture.isFreeForOthers("net-2")).isTrue();
	}

	@Test
	void aHandleThatWasUnlockedDoesNotEndTheNextHoldOfItsThread() {
		LockHandle stale = this.engine.lock(LockRequest.of("net-1"));
		this.engine.unlock("net-1");
		this.engine.lock("net-1");
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(stale::close)
			.withMessageContaining("unlocked already");
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free for others, though held anew").isFalse();
		this.engine.unlock("net-1");
	}

	@Test
	void aReentrantThreadIsNotKeptByItsOwnHoldOnSomeOfTheIds() {
		this.engine.lock("net-1");
		try (LockHandle both = this.engine.lock(LockRequest.of("net-1", "net-2"))) {
			assertThat(both.fencingToken("net-1")).isPositive();
			both.close();
			assertThat(both.isHeld()).as("held by a handle that is closed").isFalse();
			assertThat(both.remaining()).as("time left of a handle that is closed").isZero();
		}
		assertThat(this.engine.held("net-1")).as("the outer hold goes on").isNotNull();
		assertThat(this.engine.held("net-2")).isNull();
		this.engine.unlock("net-1");
	}

	@Test
	void aTokenOfAHandleOnManyIdsMustBeNamed() throws InterruptedException {
		try (LockHandle both = this.engine.acquire(LockRequest.of("net-1", "net-2"))) {
			assertThatIllegalStateException().isThrownBy(both::fencingToken).withMessageContaining("net-2");
			assertThatIllegalArgumentException().isThrownBy(() -> both.fencingToken("net-3"))
				.withMessageContaining("net-3");
		}
	}

	@Test
	void badRequestsAreRefusedWithTheirValue() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.engine.lock("")).withMessageContaining("['']");
		assertThatIllegalArgumentException().isThrownBy(() -> this.engine.lock("\ud800"))
			.withMessageContaining("surrogate");
		assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.of());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.engine.lock(LockRequest.of("net-1").withLease(Duration.ofMillis(1))))
			.withMessageContaining("PT0.001S");
		assertThat(this.driver.attempts).as("none of them reached the store").isEmpty();
	}

	@Test
	void shutdownTellsHoldersFreesTheirLocksAndEndsWaits() throws Exception {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		CompletableFuture<Boolean> freeWhenTold = new CompletableFuture<>();
		handle.onLost(() -> freeWhenTold.complete(this.fixture.isFreeForOthers("net-1")));
		LockAttempt other = this.fixture.takenByAnother("net-2");
		CompletableFuture<Void> localWaiter = CompletableFuture.runAsync(() -> this.engine.lock("net-1"), OWN_THREAD);
		CompletableFuture<Void> storeWaiter = CompletableFuture.runAsync(() -> this.engine.lock("net-2"), OWN_THREAD);
		await().until(() -> this.driver.attempts.size() == 2);
		this.engine.close();
		assertThat(freeWhenTold.get(20, TimeUnit.SECONDS)).as("free before the holder was told").isFalse();
		assertThat(this.fixture.isFreeForOthers("net-1")).as("freed").isTrue();
		assertThat(localWaiter).failsWithin(Duration.ofSeconds(20))
			.withThrowableThat()
			.havingRootCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining("shutting down");
		assertThat(storeWaiter).failsWithin(Duration.ofSeconds(20))
			.withThrowableThat()
			.havingRootCause()
			.withMessageContaining("shutting down");
		assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("net-3"));
		this.fixture.others.release(other.hold());
	}

	@Test
	void aLeaseWithoutEndIsHeldAndReleased() throws InterruptedException {
		LockRequest request = LockRequest.of("net-1").withLease(Duration.ofSeconds(Long.MAX_VALUE));
		try (LockHandle handle = this.engine.acquire(request.withWait(Duration.ofSeconds(Long.MAX_VALUE)))) {
			assertThat(handle.isHeld()).isTrue();
		}
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free after the release").isTrue();
	}

	@Test
	void shutdownDoesNotWaitForAStoreThatIsAwayOnceForEachHold() throws InterruptedException {
		for (int i = 0; i < 10; i++) {
			this.engine.acquire(LockRequest.of("net-" + i));
		}
		this.driver.down = true;
		this.engine.close();
		assertThat(this.driver.releasesOfMany).as("requests to release all of them").hasSize(2);
		assertThat(this.driver.releases).as("requests to release one").isEmpty();
	}

	@Test
	void itsThreadsEndWithIt() {
		// Other engines may be at work, as those of applications that tests share.
		Set<Thread> others = Thread.getAllStackTraces().keySet();
		EngineFixture fixture = new EngineFixture(Duration.ofSeconds(20));
		fixture.engine.lock("net-1");
		assertThat(Thread.getAllStackTraces().keySet()).filteredOn((thread) -> !others.contains(thread))
			.extracting(Thread::getName)
			.anyMatch((name) -> name.startsWith("dragonflow-lock-"));
		fixture.close();
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
				.filteredOn((thread) -> !others.contains(thread))
				.extracting(Thread::getName)
				.noneMatch((name) -> name.startsWith("dragonflow-lock-")));
	}

}
