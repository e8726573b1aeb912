package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.dragonflow.lock.spi.Deadline;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A store that answers, but grants nothing for a while because it may have forgotten
 * grants. The pause is longer than the leases of those that ask.
 */
@Timeout(60)
class PausingStoreTests {

	private static final Duration LEASE = Duration.ofMillis(300);

	private final ScriptedEngine fixture = new ScriptedEngine(LEASE);

	private final Deadline over = Deadline.in(LEASE.multipliedBy(4));

	private final Queue<String> released = new ConcurrentLinkedQueue<>();

	PausingStoreTests() {
		this.fixture.driver.before = (call, objectIds) -> {
			if (call == Call.RELEASE) {
				this.released.addAll(objectIds);
			}
			if ((call == Call.ACQUIRE || call == Call.ACQUIRE_FREE) && !this.over.hasPassed()) {
				throw LockStoreException.pausing("it has crashed", this.over.remaining());
			}
		};
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void whoWaitsWaitsThroughThePauseHoweverShortTheLease() {
		this.fixture.acquire("net-1");
		assertThat(this.over.hasPassed()).as("that the pause is over").isTrue();
	}

	@Test
	void whoWaitsForSeveralDoesSoToo() {
		this.fixture.acquire("net-1", "net-2");
		assertThat(this.over.hasPassed()).as("that the pause is over").isTrue();
	}

	@Test
	void whoDoesNotWaitIsToldForHowLongAndNothingIsUndone() {
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.fixture.engine.lock("net-1", false))
			.satisfies((ex) -> assertThat(ex.getPause()).isBetween(Duration.ofNanos(1), LEASE.multipliedBy(4)));
		this.fixture.acquire("net-2").close();
		assertThat(this.released).as("what was given back").containsExactly("net-2");
	}

	@Test
	void aWaitThatEndsInThePauseEndsInTime() {
		CompletableFuture<LockHandle> waiter = ScriptedEngine
			.async(() -> this.fixture.engine.acquire(LockRequest.of("net-1").withWait(LEASE)));
		assertThat(waiter).failsWithin(Duration.ofSeconds(20))
			.withThrowableThat()
			.havingCause()
			.isInstanceOfSatisfying(LockStoreException.class, (ex) -> assertThat(ex.getPause()).isNotNull());
		assertThat(this.over.hasPassed()).as("that the pause is over").isFalse();
	}

}
