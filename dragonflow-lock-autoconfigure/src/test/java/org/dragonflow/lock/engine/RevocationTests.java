package org.dragonflow.lock.engine;

import java.time.Duration;
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
