package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockThreads;

/**
 * Asks again and again which of the awaited keys are still held: those whose waiters are
 * due in one statement, and for each waiter at its own pace.
 */
class PollingSignals extends ReleaseSignals {

	private final Function<List<String>, Set<String>> held;

	private final long longestNanos;

	/**
	 * Creates the signals.
	 * @param held tells which of some names, {@value Dialect#CHUNK} at most, are held
	 * @param pollInterval the longest pause
	 */
	PollingSignals(Function<List<String>, Set<String>> held, Duration pollInterval) {
		this(held, pollInterval, LockThreads.named("poller"));
	}

	PollingSignals(Function<List<String>, Set<String>> held, Duration pollInterval, ThreadFactory threads) {
		super(threads);
		this.held = held;
		this.longestNanos = pollInterval.toNanos();
	}

	@Override
	void round() {
		pauseUntilDue(Long.MAX_VALUE);
		poll();
	}

	/**
	 * Asks for the keys whose waiters are due, if any.
	 */
	final void poll() {
		List<String> names = waiters().takeDue(this.longestNanos);
		for (int i = 0; i < names.size(); i += Dialect.CHUNK) {
			List<String> chunk = names.subList(i, Math.min(i + Dialect.CHUNK, names.size()));
			try {
				look(chunk);
			}
			catch (LockStoreException ex) {
				// Waiters find out for themselves, and it is theirs to tell.
				pause(this.longestNanos);
				wake(chunk);
			}
		}
	}

	/**
	 * Asks for some keys, {@value Dialect#CHUNK} at most, and wakes those who wait for
	 * what is free.
	 */
	void look(List<String> names) {
		List<String> free = new ArrayList<>(names);
		free.removeAll(this.held.apply(names));
		wake(free);
	}

}
