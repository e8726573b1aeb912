package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.engine.line.WaitCycles;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Threads that would wait for each other.
 */
@Timeout(60)
class WaitCycleTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	private final EngineFixture fixture = new EngineFixture(LEASE, HandOver.DEFAULT);

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void twoThreadsThatWouldWaitForEachOtherAreTold() throws Exception {
		this.engine.lock("net-1");
		Thread other = holdingThenWaiting("net-2", "net-1");
		assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("net-2"))
			.withMessageContainingAll("'" + Thread.currentThread().getName() + "' waits for 'net-2'",
					"'other' waits for 'net-1'");
		assertThat(this.engine.held("net-1")).as("what is held is held still").isNotNull();
		this.engine.unlock("net-1");
		other.join();
		this.engine.lock("net-2", false);
		this.engine.unlock("net-2");
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free in the end").isTrue();
	}

	@Test
	void aBoundedWaitIsToldToo() throws Exception {
		this.engine.lock("net-1");
		Thread other = holdingThenWaiting("net-2", "net-1");
		assertThatIllegalStateException().isThrownBy(() -> this.engine.tryLock("net-2", Duration.ofHours(1)));
		assertThatIllegalStateException().isThrownBy(() -> this.engine.acquire(LockRequest.of("net-0", "net-2")));
		assertThat(this.fixture.isFreeForOthers("net-0")).as("what was taken on the way is given back").isTrue();
		this.engine.unlock("net-1");
		other.join();
	}

	@Test
	void threeInARingAreTold() throws Exception {
		this.engine.lock("net-1");
		Thread second = holdingThenWaiting("net-2", "net-1");
		Thread third = holdingThenWaiting("net-3", "net-2");
		assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("net-3")).withMessageContaining("net-2");
		this.engine.unlock("net-1");
		second.join();
		third.join();
	}

	@Test
	void atLeastOneOfTwoThatBeginAtTheSameTimeIsTold() throws Exception {
		for (int round = 0; round < 200; round++) {
			CyclicBarrier barrier = new CyclicBarrier(2);
			AtomicInteger told = new AtomicInteger();
			CompletableFuture<Void> one = crossing("net-1", "net-2", barrier, told);
			CompletableFuture<Void> two = crossing("net-2", "net-1", barrier, told);
			one.get(20, TimeUnit.SECONDS);
			two.get(20, TimeUnit.SECONDS);
			assertThat(told).as("threads that were told").hasPositiveValue();
		}
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free in the end").isTrue();
	}

	@Test
	void whoMerelyWaitsIsNotTold() throws Exception {
		this.engine.lock("net-1");
		Thread first = holdingThenWaiting("net-2", "net-1");
		Thread second = holdingThenWaiting("net-3", "net-1");
		try (LockHandle unrelated = this.engine.acquire(LockRequest.of("net-4"))) {
			assertThat(unrelated.isHeld()).isTrue();
		}
		this.engine.unlock("net-1");
		first.join();
		second.join();
	}

	@Test
	void whoLocksOneAfterTheOtherIsNeverTold() throws Exception {
		Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
		List<Thread> threads = new ArrayList<>();
		try (EngineFixture pausing = new EngineFixture(Duration.ofSeconds(20),
				new HandOver(1, Duration.ofMinutes(1)))) {
			for (int i = 0; i < 8; i++) {
				int number = i;
				Thread thread = new Thread(() -> {
					for (int round = 0; round < 300; round++) {
						pausing.engine.run("net-" + (number + round) % 2, () -> {
						});
					}
				});
				thread.setUncaughtExceptionHandler((failed, ex) -> failures.add(ex));
				threads.add(thread);
				thread.start();
			}
			for (Thread thread : threads) {
				thread.join();
			}
		}
		assertThat(failures).as("failures").isEmpty();
	}

	@Test
	void whoLocksInOrderIsNeverTold() throws Exception {
		Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			int number = i;
			Thread thread = new Thread(() -> {
				for (int round = 0; round < 1000; round++) {
					String first = "net-" + (number + round) % 3;
					this.engine.run(first, () -> this.engine.run("net-3", () -> {
					}));
				}
			});
			thread.setUncaughtExceptionHandler((failed, ex) -> failures.add(ex));
			threads.add(thread);
			thread.start();
		}
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(failures).as("failures").isEmpty();
	}

	@Test
	void whoWaitsInsideARequestForManyIsNamedToo() throws Exception {
		this.engine.lock("net-2");
		Thread other = new Thread(() -> this.engine.lock(LockRequest.of("net-1", "net-2", "net-3")).close(), "other");
		other.start();
		await().until(() -> other.getState() == Thread.State.TIMED_WAITING);
		assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("net-1"))
			.withMessageContainingAll("'" + Thread.currentThread().getName() + "' waits for 'net-1'",
					"'other' waits for 'net-2'");
		this.engine.lock("net-3", false);
		this.engine.unlock("net-3");
		this.engine.unlock("net-2");
		other.join();
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free in the end").isTrue();
	}

	@Test
	void whoBeginsToWaitInsideARequestForManyIsTold() throws Exception {
		this.engine.lock("net-2");
		Thread other = holdingThenWaiting("net-1", "net-2");
		assertThatIllegalStateException().isThrownBy(() -> this.engine.lock(LockRequest.of("net-0", "net-1", "net-3")))
			.withMessageContainingAll("'other' waits for 'net-2'", "waits for 'net-1'");
		assertThat(this.fixture.isFreeForOthers("net-0")).as("what was taken on the way is given back").isTrue();
		assertThat(this.fixture.isFreeForOthers("net-3")).as("what was taken ahead is given back").isTrue();
		this.engine.unlock("net-2");
		other.join();
	}

	@Test
	void whoWasHandedWhatItWaitedForIsPartOfACycle() throws Exception {
		this.engine.lock("net-1");
		Thread other = new Thread(() -> this.engine.run("net-1", () -> this.engine.run("net-2", () -> {
		})), "other");
		other.start();
		await().until(() -> other.getState() == Thread.State.TIMED_WAITING);
		this.engine.lock("net-2");
		this.engine.unlock("net-1");
		await().until(() -> this.fixture.others.look(EngineFixture.key("net-1")) != null
				&& other.getState() == Thread.State.TIMED_WAITING);
		assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("net-1"))
			.withMessageContaining("'other' waits for 'net-2'");
		this.engine.unlock("net-2");
		other.join();
	}

	/**
	 * What threads do one after the other looks like a cycle to who reads one after the
	 * other; and twice the same, to who compares threads and ids.
	 */
	@Test
	void whatWasNeverAtOneTimeIsNoCycle() throws Exception {
		Lines lines = new Lines();
		Place mine = enter(lines, "net-1");
		Queue<Place> heads = new ConcurrentLinkedQueue<>();
		WaitCycles cycles = new WaitCycles((objectId) -> objectId.equals("net-1") ? mine : heads.poll());
		List<Place> others = new ArrayList<>();
		Thread other = new Thread(() -> {
			for (int i = 0; i < 3; i++) {
				others.add(enter(lines, "net-2"));
			}
			cycles.begin(enter(lines, "net-1"));
		});
		other.start();
		other.join();
		// The other thread holds net-2 in both looks, but has let go of it in between.
		heads.addAll(others.subList(0, 2));
		cycles.begin(enter(lines, "net-2"));
		heads.addAll(List.of(others.get(2), others.get(2)));
		assertThatIllegalStateException().isThrownBy(() -> cycles.begin(enter(lines, "net-2")));
	}

	private static Place enter(Lines lines, String objectId) {
		LockKey key = EngineFixture.key(objectId);
		return lines
			.enter(new Request(List.of(key), LEASE, Deadline.NEVER, Thread.currentThread(), true, null, Set.of()), key);
	}

	private CompletableFuture<Void> crossing(String first, String second, CyclicBarrier barrier, AtomicInteger told) {
		return CompletableFuture.runAsync(() -> this.engine.run(first, () -> {
			try {
				barrier.await();
				this.engine.run(second, () -> {
				});
			}
			catch (IllegalStateException ex) {
				told.incrementAndGet();
			}
			catch (Exception ex) {
				throw new AssertionError(ex);
			}
		}), (task) -> new Thread(task).start());
	}

	private Thread holdingThenWaiting(String held, String wanted) {
		Thread thread = new Thread(() -> this.engine.run(held, () -> this.engine.run(wanted, () -> {
		})), "other");
		thread.start();
		await().pollInterval(Duration.ofMillis(1))
			.until(() -> this.fixture.others.look(EngineFixture.key(held)) != null
					&& thread.getState() == Thread.State.TIMED_WAITING);
		return thread;
	}

}
