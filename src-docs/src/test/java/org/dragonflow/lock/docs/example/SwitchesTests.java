package org.dragonflow.lock.docs.example;

import java.time.Duration;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.test.FakeLockDriver;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

// tag::unit[]
/**
 * Without an application.
 */
class SwitchesTests {

	private final FakeLockDriver store = new FakeLockDriver();

	@Test
	void aLeaseThatEndsIsTold() {
		try (LockEngine lock = this.store.newLock()) {
			Switches switches = new Switches(lock);
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> switches.program("net-1", cutOffFor(Duration.ofMinutes(1))));
			assertThat(this.store).isFree("net-1");
		}
	}

	// end::unit[]
	@Test
	void aShortStallDoesNoHarm() throws Exception {
		try (LockEngine lock = this.store.newLock()) {
			new Switches(lock).program("net-1", cutOffFor(Duration.ofSeconds(20)));
			assertThat(lock.held("net-1")).isNull();
		}
	}

	// tag::unit[]
	private Switches.Work cutOffFor(Duration time) {
		return new Switches.Work() {

			@Override
			public void run(long fencingToken) {
				SwitchesTests.this.store.advance(time);
			}

			@Override
			public void stop() {
			}

		};
	}

}
// end::unit[]
