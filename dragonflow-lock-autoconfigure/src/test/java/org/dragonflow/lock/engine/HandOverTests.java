package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.spi.LockRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A grant that is passed on from thread to thread without asking the store.
 */
@Timeout(60)
class HandOverTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	private static final Duration LONG = Duration.ofMinutes(10);

	private final List<EngineFixture> fixtures = new ArrayList<>();

	@AfterEach
	void close() {
		this.fixtures.forEach(EngineFixture::close);
	}

	@Test
	void waitersOfOneJvmShareAGrantAndEachHasItsOwnToken() throws Exception {
		EngineFixture fixture = fixture(new HandOver(1000, LONG));
		Queue<Long> tokens = new ConcurrentLinkedQueue<>();
		AtomicInteger inside = new AtomicInteger();
		List<Thread> threads = whileHeld(fixture, 50, () -> {
			assertThat(inside.incrementAndGet()).as("threads inside").isOne();
			LockHandle held = fixture.engine.held("net-1");
			assertThat(held).isNotNull();
			tokens.add(held.fencingToken());
			inside.decrementAndGet();
		});
		join(threads);
		assertThat(fixture.driver.attempts).as("attempts at the store").hasSize(1);
		assertThat(fixture.driver.releases).as("releases at the store").hasSize(1);
		assertThat(List.copyOf(tokens)).as("tokens in the order of the holds")
			.hasSize(50)
			.isSorted()
			.doesNotHaveDuplicates();
		assertThat(fixture.isFreeForOthers("net-1")).as("free in the end").isTrue();
		assertThat(fixture.events).as("losses").isEmpty();
	}

	@Test
	void aGrantIsPassedOnForABoundedNumberOfTimes() throws Exception {
		EngineFixture fixture = fixture(new HandOver(3, LONG));
		join(whileHeld(fixture, 11, () -> {
		}));
		assertThat(fixture.driver.attempts).as("attempts for twelve holds, four a grant").hasSize(3);
	}

	@Test
	void aGrantIsPassedOnForABoundedTime() throws Exception {
		EngineFixture fixture = fixture(new HandOver(1000, Duration.ofNanos(1)));
		join(whileHeld(fixture, 4, () -> {
		}));
		assertThat(fixture.driver.attempts).as("attempts for five holds").hasSize(5);
	}

	@Test
	void theTokensOfTheNextGrantAreHigherThanAllOfTheLastOne() throws Exception {
		EngineFixture fixture = fixture(new HandOver(3, LONG));
		Queue<Long> tokens = new ConcurrentLinkedQueue<>();
		join(whileHeld(fixture, 20, () -> {
			LockHandle held = fixture.engine.held("net-1");
			assertThat(held).isNotNull();
			tokens.add(held.fencingToken());
		}));
		assertThat(List.copyOf(tokens)).as("tokens in the order of the holds")
			.hasSize(20)
			.isSorted()
			.doesNotHaveDuplicates();
	}

	@Test
	void whoWantsAnotherLeaseAsksTheStore() throws Exception {
		EngineFixture fixture = fixture(HandOver.DEFAULT);
		fixture.engine.lock("net-1");
		CompletableFuture<Duration> other = new CompletableFuture<>();
		Thread thread = start(() -> {
			try (LockHandle handle = fixture.engine.lock(LockRequest.of("net-1").withLease(Duration.ofMinutes(5)))) {
				other.complete(handle.remaining());
			}
		});
		fixture.engine.unlock("net-1");
		assertThat(other.get(20, TimeUnit.SECONDS)).as("its own lease").isGreaterThan(Duration.ofMinutes(4));
		thread.join();
		assertThat(fixture.driver.attempts).as("attempts").hasSize(2);
	}

	@Test
	void aWaiterThatGaveUpIsPassedOver() throws Exception {
		EngineFixture fixture = fixture(HandOver.DEFAULT);
		fixture.engine.lock("net-1");
		Thread interrupted = start(() -> assertThatExceptionOfType(InterruptedException.class)
			.isThrownBy(() -> fixture.engine.acquire(LockRequest.of("net-1"))));
		CompletableFuture<Long> served = new CompletableFuture<>();
		Thread next = start(() -> fixture.engine.run("net-1", () -> served.complete(1L)));
		interrupted.interrupt();
		interrupted.join();
		fixture.engine.unlock("net-1");
		served.get(20, TimeUnit.SECONDS);
		next.join();
		assertThat(fixture.isFreeForOthers("net-1")).as("free in the end").isTrue();
	}

	@Test
	void handsThatComeAndGiveUpAtTheSameMomentLoseNothing() throws Exception {
		EngineFixture fixture = fixture(HandOver.DEFAULT);
		AtomicInteger inside = new AtomicInteger();
		AtomicInteger overlaps = new AtomicInteger();
		Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 16; i++) {
			int number = i;
			Thread thread = new Thread(() -> {
				for (int round = 0; round < 500; round++) {
					try {
						Duration wait = Duration.ofNanos((number % 4 == 0) ? 1_000_000_000L : 20_000L * (round % 20));
						if (fixture.engine.tryLock("net-1", wait)) {
							if (inside.incrementAndGet() != 1) {
								overlaps.incrementAndGet();
							}
							inside.decrementAndGet();
							fixture.engine.unlock("net-1");
						}
					}
					catch (InterruptedException ex) {
						// The next round waits again.
					}
				}
			});
			thread.setUncaughtExceptionHandler((failed, ex) -> failures.add(ex));
			threads.add(thread);
			thread.start();
		}
		for (int i = 0; i < 2000; i++) {
			threads.get(i % threads.size()).interrupt();
		}
		join(threads);
		assertThat(failures).as("failures").isEmpty();
		assertThat(overlaps).as("overlapping holds").hasValue(0);
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(fixture.isFreeForOthers("net-1")).as("free in the end").isTrue());
		fixture.engine.lock("net-1", false);
		fixture.engine.unlock("net-1");
		assertThat(fixture.events).as("losses").isEmpty();
	}

	@Test
	void aHandedOverHoldIsRenewedAndItsLossIsTold() throws Exception {
		EngineFixture fixture = fixture(Duration.ofSeconds(2), new HandOver(10, Duration.ofMinutes(1)));
		fixture.engine.lock("net-1");
		CompletableFuture<LockHandle> handedOver = new CompletableFuture<>();
		Thread thread = start(() -> {
			try {
				handedOver.complete(fixture.engine.acquire(LockRequest.of("net-1")));
			}
			catch (InterruptedException ex) {
				handedOver.completeExceptionally(ex);
			}
		});
		fixture.engine.unlock("net-1");
		thread.join();
		LockHandle handle = handedOver.get(20, TimeUnit.SECONDS);
		await().atMost(20, TimeUnit.SECONDS).until(() -> fixture.driver.renewals.size() >= 4);
		assertThat(handle.isHeld()).as("kept by renewal").isTrue();
		assertThat(fixture.driver.attempts).as("attempts").hasSize(1);
		LockRecord record = fixture.others.look(EngineFixture.key("net-1"));
		assertThat(record).isNotNull();
		fixture.others.breakHold(record.hold());
		await().atMost(20, TimeUnit.SECONDS).until(() -> !handle.isHeld());
		assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::close);
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(fixture.events).extracting((event) -> event.fencingToken())
				.as("the token of the loss")
				.containsExactly(handle.fencingToken()));
	}

	private EngineFixture fixture(HandOver handOver) {
		return fixture(LEASE, handOver);
	}

	private EngineFixture fixture(Duration lease, HandOver handOver) {
		EngineFixture fixture = new EngineFixture(lease, handOver);
		this.fixtures.add(fixture);
		return fixture;
	}

	/**
	 * Lets some threads line up for a lock, and releases it then.
	 */
	private static List<Thread> whileHeld(EngineFixture fixture, int count, Runnable action) {
		fixture.engine.lock("net-1");
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			threads.add(start(() -> fixture.engine.run("net-1", action)));
		}
		fixture.engine.unlock("net-1");
		return threads;
	}

	private static Thread start(Runnable task) {
		Thread thread = new Thread(task);
		thread.start();
		await().pollInterval(Duration.ofMillis(1))
			.until(() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
		return thread;
	}

	private static void join(List<Thread> threads) throws InterruptedException {
		for (Thread thread : threads) {
			thread.join();
		}
	}

}
