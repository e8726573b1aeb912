package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockThreads;

/**
 * Asks again and again which of the awaited keys are still held: all of them in one
 * statement, more often while there is much going on.
 */
final class PollingSignals extends ReleaseSignals {

	private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	// A lock that was held for long is likely to be held for some more. So the pause is a
	// share of the time waited: a wake-up is late by that share at most.
	private static final int SHARE = 8;

	private final Function<List<String>, Set<String>> held;

	private final long longestNanos;

	/**
	 * Creates the signals.
	 * @param held tells which of some names, {@value Dialect#CHUNK} at most, are held
	 * @param pollInterval the longest pause
	 */
	PollingSignals(Function<List<String>, Set<String>> held, Duration pollInterval) {
		super(LockThreads.named("poller"));
		this.held = held;
		this.longestNanos = pollInterval.toNanos();
	}

	@Override
	void round() {
		long nanos = Math.min(Math.max(quietNanos() / SHARE, SHORTEST_NANOS), this.longestNanos);
		// Several instances that wait for the same keys shall not ask at the same time.
		pause(ThreadLocalRandom.current().nextLong(nanos * 3 / 4, nanos * 5 / 4));
		List<String> names = new ArrayList<>(names());
		for (int i = 0; i < names.size(); i += Dialect.CHUNK) {
			poll(names.subList(i, Math.min(i + Dialect.CHUNK, names.size())));
		}
	}

	private void poll(List<String> names) {
		List<String> free = new ArrayList<>(names);
		try {
			free.removeAll(this.held.apply(names));
		}
		catch (LockStoreException ex) {
			// Waiters find out for themselves, and it is theirs to tell.
			pause(this.longestNanos);
		}
		wake(free);
	}

}
