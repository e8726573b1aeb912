package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.dragonflow.lock.engine.ScriptedEngine.soon;

/**
 * A driver that throws what no driver should: whatever that is, it ends like a store that
 * does not answer, and leaves nothing behind.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class FaultyDriverErrorTests {

	// So that nothing is gone by the end of its lease.
	private static final Duration LONG = Duration.ofMinutes(10);

	private final ScriptedEngine fixture = new ScriptedEngine(Duration.ofSeconds(2));

	private final ScriptedDriver driver = this.fixture.driver;

	private final LockEngine engine = this.fixture.engine;

	/**
	 * What is thrown.
	 */
	enum Fault {

		TOO_DEEP(() -> new StackOverflowError("for the test")),
		NOT_ON_THE_CLASS_PATH(() -> new NoClassDefFoundError("for/the/Test")),
		UNCHECKED(() -> new ArithmeticException("for the test"));

		private final Supplier<Throwable> thrown;

		Fault(Supplier<Throwable> thrown) {
			this.thrown = thrown;
		}

	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@ParameterizedTest
	@EnumSource
	void inAnAttemptBeforeOrAfterTheGrant(Fault fault) {
		LockRequest request = LockRequest.of("net-1").withLease(LONG);
		LockHandle other = this.fixture.acquire("other");
		this.driver.before = once(fault, Call.ACQUIRE, "net-1");
		assertThat(catchThrowable(() -> this.engine.lock(request))).isNotNull();
		assertNothingIsLeftOf("net-1");
		this.driver.after = once(fault, Call.ACQUIRE, "net-1");
		assertThat(catchThrowable(() -> this.engine.lock(request))).isNotNull();
		assertNothingIsLeftOf("net-1");
		assertThat(other.isHeld()).as("another hold").isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void inAnAttemptAtSeveral(Fault fault) {
		LockRequest request = LockRequest.of("net-1", "net-2", "net-3").withLease(LONG);
		this.driver.before = once(fault, Call.ACQUIRE_FREE, "net-2");
		assertThat(catchThrowable(() -> this.engine.lock(request))).isNotNull();
		assertNothingIsLeftOf("net-1", "net-2", "net-3");
		this.driver.after = once(fault, Call.ACQUIRE_FREE, "net-2");
		assertThat(catchThrowable(() -> this.engine.acquire(request))).isNotNull();
		assertNothingIsLeftOf("net-1", "net-2", "net-3");
	}

	@ParameterizedTest
	@EnumSource
	void atTheSecondOfTwo(Fault fault) throws Exception {
		// So that it is asked for alone, when the first is held.
		LockAttempt attempt = new LockAttempt(EngineFixture.key("net-2"), "another", Duration.ofMinutes(10),
				Deadline.in(Duration.ZERO));
		assertThat(this.fixture.others.acquire(attempt)).isNotNull();
		this.driver.before = once(fault, Call.ACQUIRE, "net-2");
		assertThat(catchThrowable(() -> this.engine.lock(LockRequest.of("net-1", "net-2")))).isNotNull();
		assertNothingIsLeftOf("net-1");
		this.driver.before = once(fault, Call.ACQUIRE, "net-2");
		assertThat(catchThrowable(() -> this.engine.acquire(LockRequest.of("net-1", "net-2")))).isNotNull();
		this.fixture.others.release(attempt.hold());
		assertNothingIsLeftOf("net-1", "net-2");
	}

	@ParameterizedTest
	@EnumSource
	void inARenewal(Fault fault, CapturedOutput output) {
		LockHandle handle = this.fixture.acquire("net-1");
		LockHandle other = this.fixture.acquire("net-2");
		// Of both together, and of the one alone.
		this.driver.before = times(2, fault, Call.RENEW, "net-1");
		soon("renewals").until(() -> this.driver.renewals.stream().filter((ids) -> ids.contains("net-1")).count() > 3);
		assertThat(handle.isHeld()).as("what was not renewed at first").isTrue();
		assertThat(other.isHeld()).as("the other one").isTrue();
		soon("a line in the log").untilAsserted(
				() -> assertThat(output).contains("Renewing").contains(fault.thrown.get().getClass().getSimpleName()));
	}

	// Nothing is in trouble then, but every renewal may take three requests from now on.
	@Test
	void inARenewalOfSeveralThatSucceedsOneByOne(CapturedOutput output) {
		this.fixture.acquire("net-1", "net-2");
		this.driver.before = (call, objectIds) -> {
			if (call == Call.RENEW && objectIds.size() > 1) {
				throw new NoClassDefFoundError("for/several");
			}
		};
		soon("a line in the log").atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(output).contains("for/several"));
	}

	@ParameterizedTest
	@EnumSource
	void inARelease(Fault fault) {
		for (int times = 1; times <= 3; times++) {
			this.engine.lock(LockRequest.of("net-1").withLease(LONG));
			this.driver.before = times(times, fault, Call.RELEASE, "net-1");
			catchThrowable(() -> this.engine.unlock("net-1"));
			assertThat(this.engine.held("net-1")).as("what the thread holds").isNull();
			assertNothingIsLeftOf("net-1");
		}
	}

	@ParameterizedTest
	@EnumSource
	void inAReleaseOfSeveral(Fault fault) {
		for (int times = 1; times <= 3; times++) {
			LockHandle handle = this.engine.lock(LockRequest.of("net-1", "net-2").withLease(LONG));
			this.driver.before = times(times, fault, Call.RELEASE_ALL, "net-2");
			catchThrowable(handle::close);
			assertThat(this.engine.held("net-1")).as("what the thread holds").isNull();
			assertNothingIsLeftOf("net-1", "net-2");
		}
	}

	@ParameterizedTest
	@EnumSource
	void inAQuestionOfPeople(Fault fault) {
		LockHandle handle = this.fixture.acquire("net-1");
		String owner = this.driver.holdOf("net-1").owner();
		this.driver.before = once(fault, Call.LOOK, "net-1");
		assertThat(catchThrowable(() -> this.engine.look("net-1"))).as("what a look throws").isNotNull();
		assertThat(handle.isHeld()).as("held after the look").isTrue();
		this.driver.before = once(fault, Call.BREAK, "net-1");
		assertThat(catchThrowable(() -> this.engine.breakHold("net-1", owner))).as("what a break throws").isNotNull();
		assertThat(handle.isHeld()).as("held after the break").isFalse();
		assertNothingIsLeftOf("net-1");
	}

	@ParameterizedTest
	@EnumSource
	void inARequestForARelease(Fault fault) throws Exception {
		LockAttempt attempt = new LockAttempt(EngineFixture.key("net-1"), "another", Duration.ofMinutes(10),
				Deadline.in(Duration.ZERO));
		assertThat(this.fixture.others.acquire(attempt)).isNotNull();
		this.driver.before = once(fault, Call.REVOKE, "net-1");
		assertThat(catchThrowable(() -> this.engine.requestRevocation("net-1"))).isNotNull();
		assertThat(this.engine.requestRevocation("net-1")).as("asked once more").isTrue();
		this.fixture.others.release(attempt.hold());
		assertNothingIsLeftOf("net-1");
	}

	// The look is for a message about something else.
	@ParameterizedTest
	@EnumSource
	void inALookForTheSakeOfAMessage(Fault fault) throws Exception {
		this.fixture.others.acquire(new LockAttempt(EngineFixture.key("net-1"), "another", Duration.ofMinutes(10),
				Deadline.in(Duration.ZERO)));
		this.driver.before = once(fault, Call.LOOK, "net-1");
		LockRequest request = LockRequest.of("net-1").withWait(Duration.ofMillis(50));
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.engine.lock(request));
	}

	@Test
	void inALookForTheSakeOfAWarning(CapturedOutput output) throws Exception {
		try (ScriptedEngine warned = new ScriptedEngine(Duration.ofSeconds(2),
				(parts) -> parts.warnAfter = Duration.ofMillis(100))) {
			warned.others.acquire(new LockAttempt(EngineFixture.key("net-1"), "another", Duration.ofMinutes(10),
					Deadline.in(Duration.ZERO)));
			warned.driver.before = once(Fault.NOT_ON_THE_CLASS_PATH, Call.LOOK, "net-1");
			ScriptedEngine.startThread(() -> catchThrowable(() -> warned.engine.lock("net-1")));
			soon("the warning").atMost(Duration.ofSeconds(5))
				.untilAsserted(() -> assertThat(output).contains("has waited for the lock on 'net-1'"));
		}
	}

	/**
	 * Neither a record, nor a place in a line, nor an entry of the thread.
	 */
	private void assertNothingIsLeftOf(String... objectIds) {
		for (String objectId : objectIds) {
			soon("left of '" + objectId + "'").until(() -> this.fixture.isFreeForOthers(objectId));
			assertThat(this.engine.held(objectId)).as("held by the thread").isNull();
			CompletableFuture<Boolean> next = ScriptedEngine.async(() -> {
				this.engine.lock(objectId);
				this.engine.unlock(objectId);
				return true;
			});
			assertThat(next).as("that '%s' can be locked", objectId).succeedsWithin(Duration.ofSeconds(20));
		}
		soon("the lines are gone").until(() -> this.engine.snapshot(10).waitingCount() == 0);
	}

	private static ScriptedDriver.Step once(Fault fault, Call at, String objectId) {
		return times(1, fault, at, objectId);
	}

	private static ScriptedDriver.Step times(int count, Fault fault, Call at, String objectId) {
		AtomicInteger left = new AtomicInteger(count);
		return (call, objectIds) -> {
			if (call == at && objectIds.contains(objectId) && left.getAndDecrement() > 0) {
				throw fault.thrown.get();
			}
		};
	}

}
