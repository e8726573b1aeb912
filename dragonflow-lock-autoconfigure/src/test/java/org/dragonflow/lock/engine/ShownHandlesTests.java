package org.dragonflow.lock.engine;

import java.time.Duration;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Calls that are made with a handle.
 */
@Timeout(60)
class ShownHandlesTests {

	private final EngineFixture fixture = new EngineFixture(Duration.ofMinutes(5));

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void theHoldIsShownDuringTheCallOnly() throws Exception {
		try (LockHandle handle = this.engine.acquire(LockRequest.of("a", "b"))) {
			Long token = this.engine.callWith(handle, () -> tokenOf("b"));
			assertThat(token).isEqualTo(handle.fencingToken("b"));
			assertThat(this.engine.held("b")).as("shown after the call").isNull();
		}
	}

	@Test
	void whatTheThreadWouldWaitItselfForIsRefused() throws Exception {
		try (LockHandle handle = this.engine.acquire(LockRequest.of("a"))) {
			this.engine.callWith(handle, () -> {
				assertThatIllegalStateException().isThrownBy(() -> this.engine.lock("a"));
				assertThatIllegalStateException().isThrownBy(() -> this.engine.acquire(LockRequest.of("a", "b")));
				return true;
			});
		}
	}

	@Test
	void aThreadThatIsCalledWithItsOwnHoldMayLockAgain() throws Exception {
		try (LockHandle own = this.engine.lock(LockRequest.of("a"))) {
			this.engine.callWith(own, () -> {
				this.engine.lock("a");
				this.engine.unlock("a");
				return true;
			});
			assertThat(own.isHeld()).as("held by the thread still").isTrue();
		}
	}

	@Test
	void aHandleOfAnotherLockIsRefused() throws Exception {
		try (EngineFixture another = new EngineFixture(Duration.ofMinutes(5));
				LockHandle foreign = another.engine.acquire(LockRequest.of("a"))) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> this.engine.callWith(foreign, () -> this.engine.held("a")))
				.withMessageContaining("lock on [a]");
		}
	}

	private Long tokenOf(String objectId) {
		LockHandle held = this.engine.held(objectId);
		if (held == null) {
			throw new AssertionError("'" + objectId + "' is not shown");
		}
		return held.fencingToken();
	}

}
