package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.LockStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of a request for the release of a hold, inside one instance.
 */
@Timeout(60)
class RevocationTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	private final EngineFixture fixture = new EngineFixture(LEASE, new HandOver(1000, LEASE));

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void aHolderOfTheSameInstanceIsToldAtOnceWithoutTheStore() throws Exception {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		AtomicInteger requests = countRequests(handle);
		this.fixture.driver.down = true;
		assertThat(this.engine.requestRevocation("net-1")).as("whether there was a holder").isTrue();
		await("the holder is told").until(() -> requests.get() == 1 && !this.fixture.events.isEmpty());
		assertThat(this.fixture.events).containsExactly(new LockRevocationEvent("net-1", handle.fencingToken()));
		this.fixture.driver.down = false;
		handle.close();
	}

	@Test
	void whoRegistersLateIsToldAtOnce() throws Exception {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		this.engine.requestRevocation("net-1");
		assertThat(countRequests(handle)).as("requests that a late listener hears of").hasValue(1);
		handle.close();
		assertThat(countRequests(handle)).as("requests that a listener hears of after the release").hasValue(0);
	}

	@Test
	void oneActionIsForAllIdsOfAHandle() throws Exception {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1", "net-2"));
		AtomicInteger requests = countRequests(handle);
		this.engine.requestRevocation("net-1");
		this.engine.requestRevocation("net-2");
		await("both events").until(() -> this.fixture.events.size() == 2);
		assertThat(requests).as("how often the action ran").hasValue(1);
		handle.close();
	}

	@Test
	void aGrantThatIsAskedForIsGivenBackRatherThanHandedOver() throws Exception {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		Thread follower = new Thread(() -> this.engine.run("net-1", () -> {
		}));
		follower.start();
		await("another thread waits").until(() -> follower.getState() == Thread.State.TIMED_WAITING);
		this.engine.requestRevocation("net-1");
		handle.close();
		follower.join();
		assertThat(this.fixture.driver.attempts).as("attempts at the store, one a hold").hasSize(2);
	}

	/**
	 * The holder lets go while it is asked for: either its grant goes back to the store,
	 * or the next thread is told.
	 */
	@Test
	void aRequestIsNotLostBetweenTwoHoldsOfOneGrant() throws Exception {
		for (int round = 0; round < 1000; round++) {
			LockHandle first = this.engine.acquire(LockRequest.of("net-1"));
			CompletableFuture<LockHandle> second = new CompletableFuture<>();
			Thread follower = new Thread(() -> {
				try {
					second.complete(this.engine.acquire(LockRequest.of("net-1")));
				}
				catch (Exception ex) {
					second.completeExceptionally(ex);
				}
			});
			follower.start();
			while (follower.getState() != Thread.State.TIMED_WAITING) {
				Thread.onSpinWait();
			}
			CyclicBarrier barrier = new CyclicBarrier(2);
			CompletableFuture<Boolean> asked = CompletableFuture.supplyAsync(() -> {
				try {
					barrier.await();
				}
				catch (Exception ex) {
					throw new AssertionError(ex);
				}
				return this.engine.requestRevocation("net-1");
			});
			barrier.await();
			first.close();
			LockHandle next = second.get(20, TimeUnit.SECONDS);
			boolean holderFound = asked.get(20, TimeUnit.SECONDS) && this.fixture.driver.revocations.isEmpty();
			this.fixture.driver.revocations.clear();
			if (holderFound && next.fencingToken() == first.fencingToken() + 1) {
				CompletableFuture<Void> told = new CompletableFuture<>();
				next.onRevocation(() -> told.complete(null));
				assertThat(told).as("the next holder is told").succeedsWithin(Duration.ofSeconds(20));
			}
			next.close();
		}
	}

	@Test
	void whatTheStoreDoesNotConfirmIsToldToWhoeverAsks() {
		this.fixture.takenByAnother("net-1");
		this.fixture.driver.down = true;
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.requestRevocation("net-1"));
		this.fixture.driver.down = false;
		assertThat(this.engine.requestRevocation("net-1")).as("whether there is a holder").isTrue();
		assertThat(this.engine.requestRevocation("net-2")).as("whether somebody holds what is free").isFalse();
	}

	private static AtomicInteger countRequests(LockHandle handle) {
		AtomicInteger requests = new AtomicInteger();
		handle.onRevocation(requests::incrementAndGet);
		return requests;
	}

}
