package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Request;
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
			() -> new EngineSettings("holds-tests", "me", LEASE, null, null, HandOver.DEFAULT), (event) -> {
			}, Transactions.NONE, List.of(), ThreadSource.PLATFORM);

	@AfterEach
	void close() {
		this.holds.closing.run();
		this.others.close();
	}

	@Test
	void ofAHoldThatWasReleased() throws InterruptedException {
		EngineHold hold = take("net-1", Duration.ZERO);
		assertThat(this.holds.isIdle()).as("nothing is held").isFalse();
		this.holds.ending.releaseAll(List.of(hold));
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
	}

	@Test
	void ofAHoldThatWasLost() throws InterruptedException {
		EngineHold hold = take("net-1", Duration.ZERO);
		hold.lose("for the test");
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.holds.ending.releaseAll(List.of(hold)));
		assertThat(this.holds.isIdle()).as("nothing is held").isTrue();
	}

	@Test
	void ofAWaitThatEnded() throws InterruptedException {
		this.others.acquire(new LockAttempt(key("net-1"), "another", LEASE, Deadline.in(Duration.ZERO)));
		assertThat(this.holds.taking.takeAll(request("net-1", LEASE, Duration.ofMillis(20)), new ArrayList<>()))
			.as("what another holds")
			.isEqualTo(key("net-1"));
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
			List<EngineHold> taken = new ArrayList<>();
			assertThat(this.holds.taking.takeAll(request("net-1", lease, LEASE), taken)).as("what was refused")
				.isNull();
			this.holds.ending.releaseAll(taken);
		}
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.holds).extracting("keeper.batches", as(InstanceOfAssertFactories.MAP))
				.as("what is kept by lease")
				.isEmpty());
	}

	private EngineHold take(String objectId, Duration wait) throws InterruptedException {
		List<EngineHold> taken = new ArrayList<>();
		assertThat(this.holds.taking.takeAll(request(objectId, LEASE, wait), taken)).as("what was refused").isNull();
		return taken.get(0);
	}

	private static Request request(String objectId, Duration lease, Duration wait) {
		return new Request(List.of(key(objectId)), lease, Deadline.in(wait), null, true, null, Set.of());
	}

	private static LockKey key(String objectId) {
		return new LockKey("holds-tests", objectId);
	}

}
