package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a waiter is told where the database cannot tell.
 */
@Timeout(60)
class PollingSignalsTests {

	@Test
	void aWaiterIsToldThoughTheDataSourceThrewWhatItShouldNot() throws InterruptedException {
		AtomicInteger looks = new AtomicInteger();
		try (PollingSignals signals = new PollingSignals((names) -> {
			if (looks.incrementAndGet() == 1) {
				throw new IllegalStateException("no target for this thread");
			}
			return (looks.get() < 10) ? Set.copyOf(names) : Set.of();
		}, Duration.ofMillis(20)); ReleaseSignals.Waiter waiter = signals.register("net-1")) {
			while (looks.get() < 10) {
				assertThat(waiter.await(TimeUnit.SECONDS.toNanos(20))).as("told, after %s looks", looks).isTrue();
			}
		}
	}

}
