package org.dragonflow.lock.engine.line;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.LockKey;

/**
 * Warns of long waits, each one once. Looks at the lines from time to time, so that a
 * wait which is not long costs nothing.
 *
 * @param describeHolder says who has a lock, in words that go on after "it is"; asks the
 * store only where it is told to
 */
public record WaitWatch(Lines lines, EngineThreads threads, Logbook log, Supplier<EngineSettings> settings,
		BiFunction<LockKey, Boolean, String> describeHolder, AtomicBoolean watching) {

	// A warning is late by a tenth at most.
	private static final int LOOKS_BEFORE_A_WARNING = 10;

	// In an outage each question takes as long as the driver has patience, and all waits
	// are long ones.
	private static final int MOST_QUESTIONS = 10;

	private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

	private long warnAfterNanos() {
		Duration warnAfter = this.settings.get().warnAfter();
		return (warnAfter != null && warnAfter.compareTo(EngineSettings.MAX_LEASE) < 0) ? warnAfter.toNanos()
				: Long.MAX_VALUE;
	}

	/**
	 * Somebody stands in a line: looks are worth it until all lines are gone.
	 */
	public void begin() {
		if (!this.watching.get() && warnAfterNanos() != Long.MAX_VALUE && this.watching.compareAndSet(false, true)) {
			lookLater();
		}
	}

	private void lookLater() {
		this.threads.later(this::look, Math.max(warnAfterNanos() / LOOKS_BEFORE_A_WARNING, SHORTEST_PAUSE));
	}

	private void look() {
		try {
			List<Place> waiting = new ArrayList<>();
			this.lines.lookAtAll(Integer.MAX_VALUE, (standing) -> {
				if (standing.head().occupant() == null) {
					waiting.add(standing.head());
				}
				waiting.addAll(standing.followers());
			});
			warn(waiting);
		}
		finally {
			if (this.lines.isEmpty() || warnAfterNanos() == Long.MAX_VALUE) {
				this.watching.set(false);
				// Somebody may have come after the look and before the flag.
				if (!this.lines.isEmpty()) {
					begin();
				}
			}
			else {
				lookLater();
			}
		}
	}

	private void warn(List<Place> waiting) {
		long now = System.nanoTime();
		long warnAfterNanos = warnAfterNanos();
		// A request for many ids may stand in many lines at once, and is one wait.
		Set<Thread> threads = new HashSet<>();
		Map<LockKey, List<Place>> toTell = waiting.stream()
			.filter((place) -> now - place.sinceNanoTime() >= warnAfterNanos && place.warn())
			.filter((place) -> threads.add(place.request().thread()))
			.collect(Collectors.groupingBy(Place::key));
		int questions = 0;
		for (Map.Entry<LockKey, List<Place>> entry : toTell.entrySet()) {
			boolean isElsewhere = this.lines.occupantOf(entry.getKey().objectId()) == null;
			boolean ask = isElsewhere && questions < MOST_QUESTIONS;
			questions += ask ? 1 : 0;
			String holder = this.describeHolder.apply(entry.getKey(), ask);
			entry.getValue().forEach((place) -> warn(place, holder));
		}
	}

	private void warn(Place place, String holder) {
		Duration waited = Duration.ofNanos(System.nanoTime() - place.sinceNanoTime());
		this.log.warn("Thread '" + place.request().threadName() + "' has waited for the lock on '" + place.objectId()
				+ "' for " + waited.toMillis() + " ms; it is " + holder, null);
	}

}
