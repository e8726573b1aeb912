package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

/**
 * What an engine tells of what it holds and waits for.
 */
@Timeout(60)
class SnapshotTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	private final EngineFixture fixture = new EngineFixture(LEASE, new HandOver(1000, LEASE));

	private final LockEngine engine = this.fixture.engine;

	private final List<Thread> threads = new ArrayList<>();

	@AfterEach
	void close() throws InterruptedException {
		this.fixture.close();
		for (Thread thread : this.threads) {
			thread.join();
		}
	}

	@Test
	void whatAThreadHoldsIsListedWithItsName() {
		LockHandle handle = this.engine.lock(LockRequest.of("net-1"));
		HeldLock held = onlyHeld(this.engine.snapshot(10));
		assertThat(held.objectId()).isEqualTo("net-1");
		assertThat(held.thread()).isEqualTo(Thread.currentThread().getName());
		assertThat(held.byHandle()).as("whether a handle owns it").isFalse();
		assertThat(held.fencingToken()).isEqualTo(handle.fencingToken());
		assertThat(held.lease()).isEqualTo(LEASE);
		assertThat(held.remaining()).as("what is left of the lease").isPositive().isLessThanOrEqualTo(LEASE);
		LockRecord record = this.fixture.others.look(EngineFixture.key("net-1"));
		assertThat(record).as("what the store has").isNotNull();
		assertThat(held.owner()).as("the holder's name in the store").isEqualTo(record.hold().owner());
		handle.close();
		assertThat(this.engine.snapshot(10)).isEqualTo(new LockSnapshot(List.of(), List.of(), 0, 0));
	}

	@Test
	void whatAHandleHoldsIsListedAsItsOwn() throws InterruptedException {
		try (LockHandle handle = this.engine.acquire(LockRequest.of("net-1", "net-2"))) {
			assertThat(this.engine.snapshot(10).held())
				.extracting(HeldLock::objectId, HeldLock::byHandle, HeldLock::fencingToken)
				.containsExactlyInAnyOrder(tuple("net-1", true, handle.fencingToken("net-1")),
						tuple("net-2", true, handle.fencingToken("net-2")));
		}
	}

	@Test
	void threadsThatWaitAreListedInTheirOrder() {
		this.engine.lock("net-1");
		for (int i = 1; i <= 3; i++) {
			waiter("waiter-" + i, "net-1");
		}
		LockSnapshot snapshot = this.engine.snapshot(10);
		assertThat(onlyHeld(snapshot).waiters()).as("how many wait").isEqualTo(3);
		assertThat(snapshot.waiting())
			.extracting(WaitingThread::thread, WaitingThread::position, WaitingThread::inStore)
			.containsExactly(tuple("waiter-1", 1, false), tuple("waiter-2", 2, false), tuple("waiter-3", 3, false));
		assertThat(snapshot.waiting()).extracting(WaitingThread::threadId)
			.containsExactlyElementsOf(this.threads.stream().map(Thread::getId).toList());
		assertThat(snapshot.isCut()).as("whether something is not listed").isFalse();
	}

	@Test
	void whoeverWaitsForAnotherInstanceWaitsInTheStore() {
		LockAttempt other = this.fixture.takenByAnother("net-1");
		waiter("first", "net-1");
		waiter("second", "net-1");
		LockSnapshot snapshot = this.engine.snapshot(10);
		assertThat(snapshot.held()).as("what this instance holds").isEmpty();
		assertThat(snapshot.waiting())
			.extracting(WaitingThread::thread, WaitingThread::position, WaitingThread::inStore)
			.containsExactly(tuple("first", 1, true), tuple("second", 2, false));
		this.fixture.others.release(other.hold());
	}

	@Test
	void aHandOverIsCounted() {
		this.engine.lock("net-1");
		HeldLock first = onlyHeld(this.engine.snapshot(10));
		AtomicBoolean done = new AtomicBoolean();
		waiter("next", "net-1", done);
		this.engine.unlock("net-1");
		await("the next thread has it").until(() -> !this.engine.snapshot(10).held().isEmpty());
		HeldLock second = onlyHeld(this.engine.snapshot(10));
		assertThat(second.thread()).isEqualTo("next");
		assertThat(second.handedOver()).as("how many had the grant before").isEqualTo(1);
		assertThat(second.owner()).as("the holder's name in the store").isEqualTo(first.owner());
		assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
		done.set(true);
	}

	@Test
	void aHoldThatIsAskedForIsMarked() {
		this.engine.lock("net-1");
		this.engine.requestRevocation("net-1");
		assertThat(onlyHeld(this.engine.snapshot(10)).revoked()).as("asked for").isTrue();
		this.engine.unlock("net-1");
	}

	@Test
	void aHoldThatIsLostIsNotListed() throws InterruptedException {
		this.engine.acquire(LockRequest.of("net-1"));
		Objects.requireNonNull(this.fixture.driver.lossListener).accept(this.fixture.driver.attempts.get(0).hold());
		assertThat(this.engine.snapshot(10).held()).as("held").isEmpty();
	}

	@Test
	void aHoldWhoseLeaseIsOverIsNotListed() throws InterruptedException {
		this.engine.acquire(LockRequest.of("net-1").withLease(EngineSettings.MIN_LEASE));
		this.fixture.driver.down = true;
		await("its end").until(() -> this.engine.snapshot(10).held().isEmpty());
		this.fixture.driver.down = false;
	}

	@Test
	void ofMoreThanTheLimitTheOldestAreListedAndAllAreCounted() throws InterruptedException {
		List<LockHandle> handles = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			handles.add(this.engine.acquire(LockRequest.of("net-" + i)));
		}
		for (int i = 0; i < 4; i++) {
			waiter("waiter-" + i, "net-0");
		}
		LockSnapshot snapshot = this.engine.snapshot(3);
		assertThat(snapshot.held()).extracting(HeldLock::objectId).containsExactly("net-0", "net-1", "net-2");
		assertThat(snapshot.heldCount()).as("held in all").isEqualTo(20);
		assertThat(snapshot.waiting()).extracting(WaitingThread::thread)
			.containsExactly("waiter-0", "waiter-1", "waiter-2");
		assertThat(snapshot.waitingCount()).as("waiting in all").isEqualTo(4);
		assertThat(snapshot.isCut()).as("whether something is not listed").isTrue();
		assertThatIllegalArgumentException().isThrownBy(() -> this.engine.snapshot(0)).withMessageContaining("0");
		handles.forEach(LockHandle::close);
	}

	@Test
	void oneIdIsLookedAtByItself() {
		this.engine.lock("a/b %2F c");
		this.engine.lock("net-1");
		waiter("waiter", "a/b %2F c");
		LockSnapshot snapshot = this.engine.snapshot("a/b %2F c", 10);
		assertThat(onlyHeld(snapshot).objectId()).isEqualTo("a/b %2F c");
		assertThat(snapshot.waiting()).extracting(WaitingThread::thread).containsExactly("waiter");
		assertThat(this.engine.snapshot("net-2", 10)).isEqualTo(new LockSnapshot(List.of(), List.of(), 0, 0));
		this.engine.unlock("a/b %2F c");
		this.engine.unlock("net-1");
	}

	@Test
	void looksDisturbNobody() throws InterruptedException {
		int[] counts = new int[2];
		for (int i = 0; i < 4; i++) {
			start("worker-" + i, () -> {
				for (int round = 0; round < 2000; round++) {
					int id = round % 2;
					this.engine.run("net-" + id, () -> counts[id]++);
				}
			});
		}
		while (this.threads.stream().anyMatch(Thread::isAlive)) {
			LockSnapshot snapshot = this.engine.snapshot(10);
			assertThat(snapshot.held()).extracting(HeldLock::objectId).doesNotHaveDuplicates();
			assertThat(snapshot.heldCount()).isLessThanOrEqualTo(2);
		}
		assertThat(counts).as("work done under each lock").containsExactly(4000, 4000);
		assertThat(this.engine.snapshot(10)).isEqualTo(new LockSnapshot(List.of(), List.of(), 0, 0));
	}

	private static HeldLock onlyHeld(LockSnapshot snapshot) {
		assertThat(snapshot.held()).hasSize(1);
		return snapshot.held().get(0);
	}

	private void waiter(String name, String objectId) {
		waiter(name, objectId, new AtomicBoolean(true));
	}

	/**
	 * Starts a thread that holds the lock until it may go on, and comes back when it
	 * stands in line.
	 */
	private void waiter(String name, String objectId, AtomicBoolean mayGoOn) {
		start(name, () -> {
			try {
				this.engine.run(objectId, () -> await().until(mayGoOn::get));
			}
			catch (IllegalStateException ex) {
				// The engine was closed at the end of the test.
			}
		});
		await("'" + name + "' waits").until(() -> this.engine.snapshot(objectId, 10)
			.waiting()
			.stream()
			.anyMatch((waiting) -> waiting.thread().equals(name)));
	}

	private void start(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		this.threads.add(thread);
		thread.start();
	}

}
