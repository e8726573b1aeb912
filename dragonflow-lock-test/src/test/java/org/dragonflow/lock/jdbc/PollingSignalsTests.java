package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
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
		}, Duration.ofMillis(20)); Waiter waiter = signals.register(waiting("net-1"))) {
			while (looks.get() < 10) {
				assertThat(waiter.await(TimeUnit.SECONDS.toNanos(20))).as("told, after %s looks", looks).isTrue();
			}
		}
	}

	@Test
	void aHastyWaiterDoesNotMakeOthersBeLookedForMoreOften() throws InterruptedException {
		AtomicInteger looksForTheHasty = new AtomicInteger();
		Map<String, AtomicInteger> looksForOthers = new ConcurrentHashMap<>();
		long start = System.nanoTime();
		try (PollingSignals signals = new PollingSignals((names) -> {
			names.forEach((name) -> (name.endsWith("hasty") ? looksForTheHasty
					: looksForOthers.computeIfAbsent(name, (other) -> new AtomicInteger()))
				.incrementAndGet());
			return Set.copyOf(names);
		}, Duration.ofHours(1))) {
			for (int i = 0; i < 40; i++) {
				signals.register(waiting("patient-" + i));
			}
			for (int i = 0; i < 300; i++) {
				try (Waiter hasty = signals.register(waiting("hasty"))) {
					hasty.await(TimeUnit.MILLISECONDS.toNanos(5));
				}
			}
		}
		Map<String, Integer> looks = new HashMap<>();
		looksForOthers.forEach((name, count) -> looks.put(name, count.get()));
		double millis = (System.nanoTime() - start) / 1e6;
		// One each half a millisecond first; then at least a sixteenth of the time waited
		// lies between two.
		int most = (int) (17 + Math.log(Math.max(1, millis / 8)) / Math.log(17 / 16.0));
		assertThat(looks).as("looks for those who wait, of %s for the hasty one in %s ms", looksForTheHasty, millis)
			.hasSize(40)
			.allSatisfy((name, count) -> assertThat(count).isBetween(1, most));
		assertThat(looksForTheHasty).as("looks for the hasty one").hasPositiveValue();
	}

	@Test
	void aWaiterIsWokenWhenItsTurnHasComeAndToTakeThePlaceOfAYoungerOne() throws InterruptedException {
		assertThat(isWokenBy(new Turn(true, null, Duration.ZERO))).as("nobody is next").isTrue();
		assertThat(isWokenBy(new Turn(true, "younger", Duration.ZERO))).as("a younger one is next").isTrue();
		assertThat(isWokenBy(new Turn(false, "younger", Duration.ZERO))).as("it is a younger one's turn").isTrue();
		assertThat(isWokenBy(new Turn(true, "older", Duration.ofHours(1)))).as("an older one is next").isFalse();
		assertThat(isWokenBy(new Turn(false, "older", Duration.ofHours(1)))).as("it is an older one's turn").isFalse();
		assertThat(isWokenBy(new Turn(true, "waiting", Duration.ZERO))).as("it is itself the next one").isFalse();
		assertThat(isWokenBy(new Turn(false, "waiting", Duration.ZERO))).as("it is its own turn").isTrue();
	}

	private static boolean isWokenBy(Turn turn) throws InterruptedException {
		CountDownLatch looks = new CountDownLatch(20);
		try (TurnSignals signals = new TurnSignals((names) -> {
			looks.countDown();
			return names.stream().collect(Collectors.toMap((name) -> name, (name) -> turn));
		}, (holds) -> {
		}, Duration.ofMillis(20)); Waiter waiter = signals.register(waiting("net-1"))) {
			looks.await();
			return waiter.await(0);
		}
	}

	private static Hold waiting(String objectId) {
		return new Hold(new LockKey("polling", objectId), "waiting");
	}

}
