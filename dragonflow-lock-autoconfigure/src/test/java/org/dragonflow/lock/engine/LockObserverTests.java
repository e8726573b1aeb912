package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.FaultyDriver.Fault;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * What observers are told: everything, once, and in order.
 */
@Timeout(60)
class LockObserverTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	private final EngineFixture fixture = new EngineFixture(LEASE, new HandOver(50, Duration.ofMinutes(10)));

	private final LockEngine engine = this.fixture.engine;

	private final RecordingObserver observer = this.fixture.observer;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void aHoldBeginsInsideItsWaitAndEndsWhenItIsReleased() {
		this.engine.lock("net-1");
		this.engine.unlock("net-1");
		assertTold("wants [net-1]", "granted net-1", "ACQUIRED [net-1]", "RELEASED net-1");
		assertThat(this.observer.ended).as("the same objects").isEqualTo(this.observer.holds);
	}

	@Test
	void lockingAgainIsNoWait() {
		this.engine.lock("net-1");
		this.engine.lock("net-1");
		this.engine.unlock("net-1");
		assertTold("wants [net-1]", "granted net-1", "ACQUIRED [net-1]");
		this.engine.unlock("net-1");
	}

	@Test
	void aHoldIsDescribed() throws InterruptedException {
		try (LockHandle handle = this.engine.acquire(LockRequest.of("net-1").withLabel("import"))) {
			await().until(() -> this.observer.holds.size() == 1);
			LockHold hold = this.observer.holds.get(0);
			LockRecord record = this.fixture.others.look(EngineFixture.key("net-1"));
			assertThat(record).isNotNull();
			assertThat(hold.key()).isEqualTo(EngineFixture.key("net-1"));
			assertThat(hold.owner()).as("the name in the store").isEqualTo(record.hold().owner());
			assertThat(hold.fencingToken()).isEqualTo(handle.fencingToken());
			assertThat(hold.label()).isEqualTo("import");
			assertThat(hold.threadName()).isEqualTo(Thread.currentThread().getName());
			assertThat(hold.lease()).isEqualTo(LEASE);
			assertThat(hold.age()).isPositive();
			assertThat(hold.remaining()).isPositive().isLessThan(LEASE);
		}
	}

	@Test
	void aWaitIsDescribed() throws Exception {
		this.fixture.takenByAnother("net-2");
		Thread waiter = start(() -> this.engine
			.tryLock(LockRequest.of("net-1", "net-2", "net-3").withLabel("import").withWait(LEASE)));
		await().untilAsserted(() -> assertThat(this.observer.waits).singleElement()
			.satisfies((wait) -> assertThat(wait.key().objectId()).as("what is waited for").isEqualTo("net-2")));
		LockWait wait = this.observer.waits.get(0);
		assertThat(wait.label()).isEqualTo("import");
		assertThat(wait.threadName()).isEqualTo(waiter.getName());
		assertThat(wait.age()).isPositive();
		waiter.interrupt();
		waiter.join();
		assertTold("wants [net-1, net-2, net-3]", "granted net-1", "RELEASED net-1",
				"INTERRUPTED [net-1, net-2, net-3]");
	}

	@Test
	void aRefusalIsTold() throws InterruptedException {
		this.fixture.takenByAnother("net-1");
		assertThat(this.engine.tryLock("net-1", Duration.ZERO)).isFalse();
		assertThat(this.engine.tryLock("net-1", Duration.ofMillis(20))).isFalse();
		assertTold("wants [net-1]", "REFUSED [net-1]", "wants [net-1]", "REFUSED [net-1]");
		assertThat(this.observer.failures).as("failures, for a refusal is none").isEmpty();
	}

	@Test
	void aHandOverIsTheEndOfOneHoldAndThenTheBeginOfTheNext() throws Exception {
		this.engine.lock("net-1");
		Thread next = start(() -> this.engine.run("net-1", () -> {
		}));
		await().until(() -> next.getState() == Thread.State.WAITING || next.getState() == Thread.State.TIMED_WAITING);
		this.engine.unlock("net-1");
		next.join();
		assertTold("wants [net-1]", "granted net-1", "ACQUIRED [net-1]", "wants [net-1]", "HANDED_OVER net-1",
				"handed net-1", "ACQUIRED [net-1]", "RELEASED net-1");
	}

	@Test
	void aLossIsToldOnce() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		LockRecord record = this.fixture.others.look(EngineFixture.key("net-1"));
		assertThat(record).isNotNull();
		this.fixture.others.breakHold(record.hold());
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(handle::close);
		handle.close();
		assertTold("wants [net-1]", "granted net-1", "ACQUIRED [net-1]", "LOST net-1");
	}

	@Test
	void aShutdownIsNoLoss() throws Exception {
		this.engine.lock("net-1");
		Thread waiter = start(() -> assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("net-1")));
		await().until(() -> this.observer.waits.size() == 2);
		this.engine.close();
		waiter.join();
		assertTold("wants [net-1]", "granted net-1", "ACQUIRED [net-1]", "wants [net-1]", "CLOSED net-1",
				"CLOSED [net-1]");
	}

	@Test
	void aWaitThatEndsWhileTheLastThingsAreToldIsToldAfterThem() throws Exception {
		CountDownLatch waitHasEnded = new CountDownLatch(1);
		Queue<Object> told = new ConcurrentLinkedQueue<>();
		Thread closer = Thread.currentThread();
		LockObserver busy = new LockObserver() {

			@Override
			public WaitScope openScope(LockWait wait) {
				return (outcome) -> {
					if (outcome == WaitOutcome.CLOSED) {
						await("the last things are told").until(() -> closer.getState() == Thread.State.TIMED_WAITING);
					}
				};
			}

			@Override
			public void holdEnded(LockHold hold, HoldOutcome outcome) {
				ScriptedEngine.hang(waitHasEnded);
				told.add("hold " + outcome);
			}

			@Override
			public void waitEnded(LockWait wait, WaitOutcome outcome) {
				told.add("wait " + outcome);
			}

		};
		try (ScriptedEngine ending = new ScriptedEngine(LEASE, (parts) -> parts.observers = List.of(busy))) {
			ending.acquire("net-1");
			Thread waiter = start(() -> {
				assertThatIllegalStateException().isThrownBy(() -> ending.engine.lock("net-1"));
				waitHasEnded.countDown();
			});
			await().until(
					() -> waiter.getState() == Thread.State.WAITING || waiter.getState() == Thread.State.TIMED_WAITING);
		}
		assertThat(told).containsExactly("wait ACQUIRED", "hold CLOSED", "wait CLOSED");
	}

	@Test
	void eachFailedCallOfTheStoreIsTold() {
		this.fixture.driver.acquireFaults.add(Fault.REQUEST_LOST);
		this.engine.lock("net-1");
		this.fixture.driver.releaseFaults.add(Fault.REPLY_LOST);
		this.engine.unlock("net-1");
		await().untilAsserted(() -> assertThat(this.observer.failures).containsExactly("ACQUIRE LockStoreException",
				"RELEASE LockStoreException"));
		assertTold("wants [net-1]", "granted net-1", "ACQUIRED [net-1]", "RELEASED net-1");
	}

	@Test
	void aRequestThatFailsIsTold() {
		this.fixture.driver.acquireFaults.add(Fault.REFUSED);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock("net-1"));
		assertTold("wants [net-1]", "FAILED [net-1]");
	}

	@Test
	void anObserverThatFailsHarmsNeitherTheLockNorTheNextObserver() {
		RecordingObserver second = new RecordingObserver();
		LockObserver broken = new LockObserver() {

			@Override
			public void waitBegan(LockWait wait) {
				throw new IllegalStateException("broken");
			}

			@Override
			public void holdBegan(LockHold hold) {
				throw new IllegalStateException("broken");
			}

			@Override
			public void holdEnded(LockHold hold, HoldOutcome outcome) {
				throw new IllegalStateException("broken");
			}

		};
		try (LockEngine observed = new LockEngine(new LocalLockDriver(),
				new EngineSettings(EngineFixture.NAMESPACE, "observed", LEASE, null, null, HandOver.DEFAULT),
				(event) -> {
				}, Transactions.NONE, List.of(broken, second), ThreadSource.PLATFORM)) {
			observed.run("net-1", () -> {
			});
		}
		assertThat(second.events).containsExactly("wants [net-1]", "granted net-1", "ACQUIRED [net-1]",
				"RELEASED net-1");
	}

	@Test
	void whateverThreadsDoEachHoldBeginsAfterTheLastOneHasEnded() throws InterruptedException {
		List<Thread> threads = new ArrayList<>();
		AtomicInteger refused = new AtomicInteger();
		for (int i = 0; i < 8; i++) {
			int number = i;
			threads.add(start(() -> {
				for (int round = 0; round < 300; round++) {
					Duration wait = Duration.ofNanos((number % 4 == 0) ? 1_000_000_000L : 20_000L * (round % 20));
					if (this.engine.tryLock("net-1", wait)) {
						this.engine.unlock("net-1");
					}
					else {
						refused.incrementAndGet();
					}
				}
			}));
		}
		for (Thread thread : threads) {
			thread.join();
		}
		await().until(() -> this.observer.ended.size() + refused.get() == 2400);
		await().until(() -> this.observer.events.stream().filter((event) -> event.contains("[")).count() == 4800);
		List<String> ofHolds = this.observer.events.stream().filter((event) -> !event.contains("[")).toList();
		for (int i = 0; i < ofHolds.size(); i += 2) {
			assertThat(ofHolds.get(i)).as("event %d", i).matches("(granted|handed) net-1");
			assertThat(ofHolds.get(i + 1)).as("event %d", i + 1).matches("(RELEASED|HANDED_OVER) net-1");
			boolean handed = ofHolds.get(i + 1).startsWith("HANDED_OVER");
			if (i + 2 < ofHolds.size()) {
				assertThat(ofHolds.get(i + 2)).as("after a hand-over, event %d", i + 2)
					.isEqualTo(handed ? "handed net-1" : "granted net-1");
			}
		}
		Map<String, Integer> counts = new ConcurrentHashMap<>();
		this.observer.events.forEach((event) -> counts.merge(event, 1, Integer::sum));
		assertThat(counts.get("wants [net-1]")).as("waits").isEqualTo(2400);
		assertThat(counts.getOrDefault("ACQUIRED [net-1]", 0) + counts.getOrDefault("REFUSED [net-1]", 0))
			.as("ends of waits")
			.isEqualTo(2400);
		assertThat(counts.getOrDefault("REFUSED [net-1]", 0)).as("refusals").isEqualTo(refused.get());
		assertThat(this.observer.ended).as("ends of holds")
			.doesNotHaveDuplicates()
			.hasSameElementsAs(this.observer.holds);
	}

	private void assertTold(String... events) {
		await().untilAsserted(() -> assertThat(this.observer.events).containsExactly(events));
	}

	private static Thread start(Step step) {
		Thread thread = new Thread(() -> {
			try {
				step.run();
			}
			catch (InterruptedException ex) {
				// As the test wants it.
			}
		});
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private interface Step {

		void run() throws InterruptedException;

	}

}
