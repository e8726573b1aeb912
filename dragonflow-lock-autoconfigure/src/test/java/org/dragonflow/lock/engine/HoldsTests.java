package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * That nothing is remembered of what has ended.
 */
@Timeout(60)
class HoldsTests {

	private static final Duration LEASE = Duration.ofSeconds(20);

	private final LocalLockDriver others = new LocalLockDriver();

	private final Holds holds = new Holds(this.others.newClient(),
			new LiveSettings(new EngineSettings("holds-tests", "me", LEASE, null, null)), (event) -> {
			}, LockObserver.NONE);

	@AfterEach
	void close() {
		this.holds.close();
		this.others.close();
	}

	@Test
	void ofAHoldThatWasReleased() throws InterruptedException {
		EngineHold hold = take("net-1", Duration.ZERO);
		assertThat(this.holds.isIdle()).as("nothing is held").isFalse();
		this.holds.release(hold);
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
	}

	@Test
	void ofAHoldThatWasLost() throws InterruptedException {
		EngineHold hold = take("net-1", Duration.ZERO);
		hold.lose("for the test");
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.holds.release(hold));
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
	}

	@Test
	void ofAWaitThatEnded() throws InterruptedException {
		this.others.acquire(new LockAttempt(key("net-1"), "another", LEASE, Deadline.in(Duration.ZERO)));
		assertThat(
				this.holds.take(key("net-1"), LEASE, Deadline.in(Duration.ofMillis(20)), Waiting.INTERRUPTIBLY, null))
			.as("what another holds")
			.isNull();
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
	}

	@Test
	void ofAWaitThatWasInterrupted() throws InterruptedException {
		this.others.acquire(new LockAttempt(key("net-1"), "another", LEASE, Deadline.in(Duration.ZERO)));
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> take("net-1", Duration.ofSeconds(20)));
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
	}

	@Test
	void ofTheLeasesThatHoldsHad() throws InterruptedException {
		for (int i = 0; i < 100; i++) {
			Duration lease = Duration.ofSeconds(5).plusMillis(i);
			EngineHold hold = this.holds.take(key("net-1"), lease, Deadline.in(LEASE), Waiting.INTERRUPTIBLY, null);
			assertThat(hold).isNotNull();
			this.holds.release(hold);
		}
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.holds).extracting("keeper.batches", as(InstanceOfAssertFactories.MAP))
				.as("what is kept by lease")
				.isEmpty());
	}

	private EngineHold take(String objectId, Duration wait) throws InterruptedException {
		EngineHold hold = this.holds.take(key(objectId), LEASE, Deadline.in(wait), Waiting.INTERRUPTIBLY, null);
		if (hold == null) {
			throw new AssertionError("'" + objectId + "' was to be free");
		}
		return hold;
	}

	private static LockKey key(String objectId) {
		return new LockKey("holds-tests", objectId);
	}

}
