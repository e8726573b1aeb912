package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * What people may ask of an engine, and settings that change.
 */
@Timeout(60)
class OversightTests {

	private static final Duration LEASE = Duration.ofSeconds(4);

	private final EngineFixture fixture = new EngineFixture(LEASE);

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void theStoreTellsWhoHoldsALock() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		LockAttempt other = this.fixture.takenByAnother("net-2");
		assertThat(look("net-1").ofThisInstance()).as("whether this instance holds it").isTrue();
		assertThat(look("net-1").fencingToken()).isEqualTo(handle.fencingToken());
		assertThat(look("net-2").ofThisInstance()).as("whether this instance holds the other one").isFalse();
		assertThat(look("net-2").owner()).isEqualTo(other.owner());
		assertThat(this.engine.look("net-3")).as("what nobody holds").isNull();
		handle.close();
	}

	@Test
	void aHolderOfThisInstanceIsToldAtOnceThatItsHoldIsBroken() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1").withLease(Duration.ofMinutes(10)));
		assertThat(this.engine.breakHold("net-1", look("net-1").owner())).as("broken").isTrue();
		assertThat(handle.isHeld()).as("held after the break").isFalse();
		await("the event").until(() -> !this.fixture.events.isEmpty());
		assertThat(this.fixture.events)
			.containsExactly(new LockLostEvent("net-1", handle.fencingToken(), "it was broken on request"));
		await("others may have it").until(() -> this.fixture.isFreeForOthers("net-1"));
	}

	@Test
	void aHoldOfAnotherInstanceIsBrokenInTheStore() {
		LockAttempt other = this.fixture.takenByAnother("net-1");
		assertThat(this.engine.breakHold("net-1", other.owner())).as("broken").isTrue();
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free").isTrue();
		assertThat(this.engine.breakHold("net-1", other.owner())).as("broken once more").isFalse();
	}

	@Test
	void aSuccessorIsLeftAlone() throws InterruptedException {
		LockHandle first = this.engine.acquire(LockRequest.of("net-1"));
		String owner = look("net-1").owner();
		first.close();
		LockHandle second = this.engine.acquire(LockRequest.of("net-1"));
		assertThat(this.engine.breakHold("net-1", owner)).as("broken").isFalse();
		assertThat(second.isHeld()).as("the successor's hold").isTrue();
		second.close();
	}

	@Test
	void renewalsThatWorkAreOnTime() throws InterruptedException {
		LockHandle first = this.engine.acquire(LockRequest.of("net-1", "net-2"));
		LockHandle second = this.engine.acquire(LockRequest.of("net-3").withLease(Duration.ofMinutes(1)));
		await("a renewal").until(() -> !this.fixture.driver.renewals.isEmpty());
		assertThat(this.engine.renewals()).extracting(RenewalStatus::lease)
			.containsExactly(LEASE, Duration.ofMinutes(1));
		assertThat(this.engine.renewals()).extracting(RenewalStatus::holds).containsExactly(2, 1);
		await("on time").until(() -> this.engine.renewals().stream().allMatch(RenewalStatus::isOnTime));
		first.close();
		second.close();
	}

	@Test
	void renewalsThatFailAreNotUntilOneSucceeds() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		this.fixture.driver.down = true;
		await("a failure").until(() -> renewal().failingFor().toNanos() > 0);
		assertThat(renewal().isOnTime()).as("on time").isFalse();
		this.fixture.driver.down = false;
		await("a renewal").until(() -> renewal().isOnTime());
		assertThat(handle.isHeld()).as("held after the trouble").isTrue();
		handle.close();
	}

	@Test
	void aStoreThatDoesNotAnswerMakesThemLate() throws InterruptedException {
		CountDownLatch answer = new CountDownLatch(1);
		this.fixture.driver.renewHangsUntil = answer;
		this.engine.acquire(LockRequest.of("net-1"));
		await("a renewal without an answer").until(() -> !renewal().isOnTime());
		assertThat(renewal().renewingFor()).as("without an answer for").isGreaterThan(LEASE.dividedBy(6));
		answer.countDown();
		await("no renewal any more").until(() -> this.engine.renewals().stream().allMatch(RenewalStatus::isOnTime));
	}

	@Test
	void changedSettingsHoldForWhatIsAskedForFromThenOn() throws InterruptedException {
		LockHandle before = this.engine.acquire(LockRequest.of("net-1"));
		change(Duration.ofSeconds(50), Duration.ofMillis(20), null);
		LockHandle after = this.engine.acquire(LockRequest.of("net-2"));
		assertThat(this.engine.snapshot(10).held()).extracting(HeldLock::lease)
			.containsExactly(LEASE, Duration.ofSeconds(50));
		assertThat(before.isHeld()).as("what was held before").isTrue();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(this::acquireAgain)
			.withMessageContaining("PT0.02S");
		before.close();
		after.close();
	}

	@Test
	void aChangedLongestHoldEndsWhatIsTakenFromThenOn() throws InterruptedException {
		LockHandle before = this.engine.acquire(LockRequest.of("net-1"));
		change(LEASE, null, Duration.ofMillis(1));
		LockHandle after = this.engine.acquire(LockRequest.of("net-2"));
		await("its end").until(() -> !after.isHeld());
		assertThat(before.isHeld()).as("what was held before").isTrue();
		before.close();
	}

	@Test
	void neitherTheNamespaceNorTheNameChanges() {
		EngineSettings settings = this.engine.settings();
		for (EngineSettings changed : List.of(
				new EngineSettings("other", settings.instance(), LEASE, null, null, settings.handOver()),
				new EngineSettings(settings.namespace(), "other", LEASE, null, null, settings.handOver()))) {
			assertThatIllegalArgumentException().isThrownBy(() -> this.engine.changeSettings(changed));
		}
		assertThat(this.engine.settings()).isEqualTo(settings);
	}

	@Test
	void aNameThatPeopleKnowIsMadeFitAndUnique() {
		String name = EngineSettings.newInstanceName("my host:orders/7 \u00fc" + "x".repeat(200));
		assertThat(name).startsWith("my_host:orders_7__xxx").hasSize(EngineSettings.MAX_INSTANCE_LENGTH);
		assertThat(EngineSettings.newInstanceName("a")).isNotEqualTo(EngineSettings.newInstanceName("a"));
	}

	private void acquireAgain() throws InterruptedException {
		this.engine.acquire(LockRequest.of("net-2"));
	}

	private void change(Duration lease, @Nullable Duration waitTime, @Nullable Duration maxHold) {
		EngineSettings settings = this.engine.settings();
		this.engine.changeSettings(new EngineSettings(settings.namespace(), settings.instance(), lease, waitTime,
				maxHold, settings.handOver()));
	}

	private RenewalStatus renewal() {
		return this.engine.renewals().get(0);
	}

	private StoredHold look(String objectId) {
		StoredHold found = this.engine.look(objectId);
		if (found == null) {
			throw new AssertionError("Nobody holds '" + objectId + "'");
		}
		return found;
	}

}
