package org.dragonflow.lock.test;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

/**
 * The assertions fail when they should, with words that help.
 */
class LockAssertionsTests {

	private final FakeLockDriver store = new FakeLockDriver("lock-assertions");

	private final LockEngine lock = this.store.newLock();

	@AfterEach
	void close() {
		this.lock.close();
	}

	@Test
	void aFreeLockIsNotHeld() {
		assertThat(this.store).isFree("net-1");
		assertFails(() -> assertThat(this.store).isHeld("net-1"), "'net-1' in the namespace 'lock-assertions'");
	}

	@Test
	void aHeldLockIsNotFree() {
		this.lock.run("net-1", () -> {
			assertThat(this.store).isHeld("net-1").isFree("net-2");
			assertFails(() -> assertThat(this.store).isFree("net-1"), "nobody to hold 'net-1', but ");
		});
	}

	@Test
	void aHoldIsOneHandles() throws Exception {
		LockHandle first = this.lock.acquire(LockRequest.of("net-1"));
		assertThat(this.store).isHeldBy("net-1", first);
		assertFails(() -> assertThat(this.store).isHeldByAnotherThan("net-1", first), "another to hold 'net-1'");
		assertThat(first).isHeld();
		assertFails(() -> assertThat(first).isNotHeld(), "not to be held");
		first.close();
		assertThat(first).isNotHeld();
		assertFails(() -> assertThat(first).isHeld(), "to be held, but");
		try (LockHandle second = this.lock.acquire(LockRequest.of("net-1"))) {
			assertThat(second).isFencedAfter(first);
			assertThat(this.store).isHeldBy("net-1", second).isHeldByAnotherThan("net-1", first);
			assertFails(() -> assertThat(this.store).isHeldBy("net-1", first), "with the fencing token");
			assertFails(() -> assertThat(first).isFencedAfter(second), "higher than");
		}
	}

	@Test
	void aHoldInAnotherStoreIsAnother() throws Exception {
		try (LockEngine elsewhere = new FakeLockDriver("lock-assertions").newLock()) {
			// Both stores begin their tokens at the clock, maybe in the same moment.
			elsewhere.run("net-2", () -> {
			});
			try (LockHandle handle = elsewhere.acquire(LockRequest.of("net-1"))) {
				assertThat(handle).isHeld();
				this.lock.run("net-1", () -> {
					assertThat(this.store).isHeldByAnotherThan("net-1", handle);
					assertFails(() -> assertThat(this.store).isHeldBy("net-1", handle), "with the fencing token");
				});
			}
		}
	}

	@Test
	void theNamespaceCounts() {
		LockDriver driver = this.store;
		this.lock.run("net-1", () -> {
			assertThat(driver).inNamespace("another").isFree("net-1");
			assertThat(driver).inNamespace("another").inNamespace("lock-assertions").isHeld("net-1");
		});
	}

	private static void assertFails(ThrowingCallable assertion, String message) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(assertion).withMessageContaining(message);
	}

}
