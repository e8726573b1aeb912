package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.Transactions.Kept;
import org.dragonflow.lock.spi.LockThreads;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Threads that lock and end: nobody else could ever unlock what was theirs.
 */
@Timeout(60)
class AbandonedHoldTests {

	private static final Duration LEASE = Duration.ofSeconds(1);

	private final Queue<Kept> kept = new ConcurrentLinkedQueue<>();

	private volatile boolean keeps;

	private final ScriptedEngine fixture = new ScriptedEngine(LEASE,
			(parts) -> parts.transactions = (hold) -> this.keeps && this.kept.add(hold));

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void whatAThreadHasNotUnlockedIsLostAndFree() throws Exception {
		ThreadFactory platform = LockThreads.named("abandoning");
		ThreadFactory virtual = LockThreads.virtual("abandoning");
		List<Thread> threads = new ArrayList<>();
		threads.add(platform.newThread(() -> this.engine.lock("plain")));
		threads.add(platform.newThread(() -> {
			for (int i = 0; i < 3; i++) {
				this.engine.lock("again");
			}
			this.engine.unlock("again");
		}));
		threads.add(platform.newThread(() -> this.engine.lock(LockRequest.of("handle-1", "handle-2"))));
		threads.add(virtual.newThread(() -> this.engine.lock("virtual")));
		threads.add(platform.newThread(() -> {
			this.engine.lock("failed");
			throw new ThreadDeath();
		}));
		start(threads);
		await("the losses").untilAsserted(() -> assertThat(this.fixture.events).extracting(LockEvent::objectId)
			.containsExactlyInAnyOrder("plain", "again", "handle-1", "handle-2", "virtual", "failed"));
		assertThat(this.fixture.events)
			.allSatisfy((event) -> assertThat(((LockLostEvent) event).reason()).contains("has ended without"));
		await("free").until(() -> this.fixture.isFreeForOthers("plain") && this.fixture.isFreeForOthers("handle-2"));
		for (String objectId : List.of("plain", "again", "handle-1", "handle-2", "virtual", "failed")) {
			assertThat(this.engine.tryLock(objectId, Duration.ofSeconds(20))).as(objectId).isTrue();
		}
	}

	@Test
	void aThreadOfThisInstanceThatWaitsHasItSoon() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		start(List.of(LockThreads.named("abandoning").newThread(() -> {
			this.engine.lock("net-1");
			ScriptedEngine.startThread(() -> {
				this.engine.lock("net-1");
				end.countDown();
				ScriptedEngine.hang(new CountDownLatch(1));
			});
			await("a waiter").until(() -> this.engine.snapshot("net-1", 1).waitingCount() == 1);
		})));
		await("the next thread").until(() -> end.getCount() == 0);
		assertThat(this.fixture.events).as("losses").hasSize(1);
	}

	@Test
	void whatIsNotTheThreadsOwnIsKept() throws Exception {
		List<LockHandle> handles = new ArrayList<>();
		Thread thread = LockThreads.named("opening").newThread(() -> handles.add(this.fixture.acquire("net-1")));
		start(List.of(thread));
		awaitRenewals("net-1", 4);
		assertThat(handles.get(0).isHeld()).as("the hold of a handle").isTrue();
		handles.get(0).close();
		assertThat(this.fixture.events).as("losses").isEmpty();
	}

	@Test
	void whatATransactionKeepsIsHeldUntilItHasCompleted() throws Exception {
		this.keeps = true;
		start(List.of(LockThreads.named("transaction").newThread(() -> this.engine.lock("locked")),
				LockThreads.named("transaction").newThread(() -> {
					this.engine.lock("unlocked");
					this.engine.unlock("unlocked");
				})));
		awaitRenewals("locked", 4);
		awaitRenewals("unlocked", 4);
		assertThat(this.fixture.events).as("losses while a transaction keeps them").isEmpty();
		assertThat(this.fixture.isFreeForOthers("unlocked")).as("free before the completion").isFalse();
		this.kept.forEach((hold) -> hold.owner().transactionCompleted(List.of(hold)));
		assertThat(this.fixture.isFreeForOthers("unlocked")).as("free after the completion").isTrue();
		await("what its thread has not unlocked is lost then").untilAsserted(
				() -> assertThat(this.fixture.events).extracting(LockEvent::objectId).containsExactly("locked"));
		await("free").until(() -> this.fixture.isFreeForOthers("locked"));
	}

	private void awaitRenewals(String objectId, int count) {
		await("renewals")
			.until(() -> this.fixture.driver.renewals.stream().filter((ids) -> ids.contains(objectId)).count() >= count
					|| !this.fixture.events.isEmpty());
	}

	private static void start(List<Thread> threads) throws InterruptedException {
		for (Thread thread : threads) {
			thread.setUncaughtExceptionHandler((failed, ex) -> {
			});
			thread.start();
		}
		for (Thread thread : threads) {
			thread.join();
		}
	}

}
