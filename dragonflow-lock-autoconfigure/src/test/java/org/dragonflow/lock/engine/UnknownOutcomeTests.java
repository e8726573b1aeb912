package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.FaultyDriver.Fault;
import org.dragonflow.lock.spi.LockAttempt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What the engine makes of a store that does not answer.
 */
@Timeout(60)
class UnknownOutcomeTests {

	private final EngineFixture fixture = new EngineFixture(Duration.ofSeconds(20));

	private final FaultyDriver driver = this.fixture.driver;

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void anAcquireWhoseReplyWasLostIsRepeatedUnderTheSameOwner() {
		this.driver.acquireFaults.add(Fault.REPLY_LOST);
		this.engine.lock("net-1");
		assertThat(this.driver.attempts).as("attempts").hasSize(2);
		assertThat(this.driver.attempts.get(1).owner()).as("owner of the second attempt")
			.isEqualTo(this.driver.attempts.get(0).owner());
		this.engine.unlock("net-1");
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free after unlock").isTrue();
	}

	@Test
	void aSingleTryWhoseReplyWasLostFailsAndLeavesNothing() {
		this.driver.acquireFaults.add(Fault.REPLY_LOST);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock("net-1", false));
		await().atMost(10, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.fixture.isFreeForOthers("net-1")).as("orphan removed").isTrue());
		this.engine.lock("net-1", false);
		this.engine.unlock("net-1");
	}

	@Test
	void whatAFailedTryLeftIsRemovedWhenTheStoreIsBack() {
		this.driver.acquireFaults.add(Fault.REPLY_LOST);
		this.driver.releaseFaults.add(Fault.REQUEST_LOST);
		this.driver.releaseFaults.add(Fault.REQUEST_LOST);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock("net-1", false));
		await().atMost(10, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.fixture.isFreeForOthers("net-1")).as("orphan removed").isTrue());
		assertThat(this.driver.releases).as("releases until one arrived").hasSizeGreaterThanOrEqualTo(3);
	}

	@Test
	void aStoreThatRefusesIsNotAskedAgain() {
		this.driver.acquireFaults.add(Fault.REFUSED);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock("net-1"))
			.satisfies((ex) -> assertThat(ex.isRefused()).isTrue());
		assertThat(this.driver.attempts).as("attempts").hasSize(1);
		assertThat(this.driver.releases).as("nothing to undo").isEmpty();
	}

	@Test
	void aWaiterSurvivesAStoreThatIsAwayForAWhile() {
		for (int i = 0; i < 3; i++) {
			this.driver.acquireFaults.add(Fault.REQUEST_LOST);
		}
		this.engine.lock("net-1");
		assertThat(this.driver.attempts).as("attempts").hasSize(4);
		this.engine.unlock("net-1");
	}

	@Test
	void aWaiterWithoutBoundHearsOfAStoreThatStaysAway() {
		this.driver.down = true;
		LockRequest request = LockRequest.of("net-1").withLease(Duration.ofMillis(300));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock(request));
		assertThat(this.driver.attempts).as("it was asked more than once").hasSizeGreaterThan(1);
	}

	@Test
	void aTimedWaitForAStoreThatIsAwayEndsWithAStoreExceptionRatherThanFalse() {
		this.driver.down = true;
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> this.engine.tryLock("net-1", Duration.ofMillis(200)));
	}

	@Test
	void aReleaseWhoseReplyWasLostHasReleased() {
		this.engine.lock("net-1");
		this.driver.releaseFaults.add(Fault.REPLY_LOST);
		this.engine.unlock("net-1");
		assertThat(this.fixture.isFreeForOthers("net-1")).as("free after unlock").isTrue();
		assertThat(this.fixture.events).as("a release is not a loss").isEmpty();
	}

	@Test
	void aReleaseThatCannotBeConfirmedIsTriedOnInTheBackground() {
		this.engine.lock("net-1");
		this.driver.down = true;
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.unlock("net-1"))
			.withMessageContaining("net-1");
		assertThat(this.engine.held("net-1")).as("the thread holds it no longer").isNull();
		this.driver.down = false;
		await().atMost(10, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.fixture.isFreeForOthers("net-1")).as("released").isTrue());
	}

	@Test
	void anAnswerThatComesAfterItsLeaseIsNotAHold() {
		this.driver.answersLateBy = Duration.ofMillis(250);
		LockRequest request = LockRequest.of("net-1").withLease(Duration.ofMillis(150));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock(request))
			.withMessageContaining("longer lease");
		assertThat(this.driver.attempts.stream().map(LockAttempt::owner).distinct())
			.as("the owners that ask, as asking again is looking")
			.hasSize(1);
		await().atMost(10, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.fixture.isFreeForOthers("net-1")).as("left behind").isTrue());
	}

	@Test
	void aSingleTryWhoseAnswerComesAfterItsLeaseIsNotToldThatAnotherHolds() {
		this.driver.answersLateBy = Duration.ofMillis(250);
		LockRequest request = LockRequest.of("net-1").withLease(Duration.ofMillis(150)).withWait(Duration.ZERO);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock(request))
			.withMessageContaining("longer lease");
	}

	@Test
	void aRefusalAfterAnOutageDoesNotKeepWhatTheOutageHasLeftFromBeingRemoved() {
		this.driver.acquireFaults.add(Fault.REPLY_LOST);
		this.driver.acquireFaults.add(Fault.REFUSED);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.lock("net-1"))
			.satisfies((ex) -> assertThat(ex.isRefused()).isTrue());
		await().atMost(10, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.fixture.isFreeForOthers("net-1")).as("left behind").isTrue());
	}

	@Test
	void aDriverWithABugLeavesNothing() {
		this.driver.acquireFaults.add(Fault.BUG);
		assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> this.engine.lock("net-1"));
		await().atMost(10, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.driver.releases).as("undone").hasSize(1));
	}

	@Test
	void ifOneOfManyCannotBeTakenNoneIsKept() throws InterruptedException {
		this.fixture.takenByAnother("net-2");
		LockRequest request = LockRequest.of("net-3", "net-1", "net-2").withWait(Duration.ZERO);
		assertThatExceptionOfType(org.dragonflow.lock.LockUnavailableException.class)
			.isThrownBy(() -> this.engine.acquire(request))
			.satisfies((ex) -> assertThat(ex.getObjectId()).isEqualTo("net-2"));
		assertThat(this.fixture.isFreeForOthers("net-1")).as("the first was given back").isTrue();
		try (LockHandle handle = this.engine.acquire(LockRequest.of("net-3", "net-1"))) {
			assertThat(handle.objectIds()).containsExactly("net-1", "net-3");
		}
	}

}
