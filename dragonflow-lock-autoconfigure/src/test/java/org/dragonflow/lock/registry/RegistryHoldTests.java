package org.dragonflow.lock.registry;

import java.time.Duration;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.ScarceThreads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.integration.support.locks.DefaultLockRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A hold for which the system has no thread.
 */
@Timeout(60)
class RegistryHoldTests {

	@Test
	void anAttemptWithoutAThreadFailsAndCanBeRepeated() throws Exception {
		LockAttempt attempt = new LockAttempt(new LockKey("test", "a"), "one", Duration.ofSeconds(30),
				Deadline.in(Duration.ZERO));
		RegistryHold hold = new RegistryHold(new DefaultLockRegistry(), attempt, new ScarceThreads().without(1));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> hold.take(attempt.waitUntil()))
			.withMessageContaining("'a'")
			.satisfies((ex) -> assertThat(ex.isRefused()).isFalse());
		assertThat(hold.take(attempt.waitUntil())).as("the next attempt").isTrue();
		assertThat(hold.release()).as("its release").isTrue();
		hold.end();
	}

}
