package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.spi.LockKey;

/**
 * Warns of long waits, each one once. Looks at the lines from time to time, so that a
 * wait which is not long costs nothing.
 */
final class WaitWatch {

	private static final Log logger = LogFactory.getLog(WaitWatch.class);

	// A warning is late by a tenth at most.
	private static final int LOOKS_BEFORE_A_WARNING = 10;

	// In an outage each question takes as long as the driver has patience, and all waits
	// are long ones.
	private static final int MOST_QUESTIONS = 10;

	private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

	private final LocalQueues queues;

	private final EngineThreads threads;

	private final LiveSettings settings;

	private final HolderDescription describeHolder;

	private final AtomicBoolean watching = new AtomicBoolean();

	private final AtomicBoolean telling = new AtomicBoolean();

	/**
	 * Creates a watch that does not look yet.
	 * @param settings tell how long a wait must be
	 * @param describeHolder says who holds a lock
	 */
	WaitWatch(LocalQueues queues, EngineThreads threads, LiveSettings settings, HolderDescription describeHolder) {
		this.queues = queues;
		this.threads = threads;
		this.settings = settings;
		this.describeHolder = describeHolder;
	}

	/**
	 * How long a wait must be; the longest time there is, for never.
	 */
	private long warnAfterNanos() {
		Duration warnAfter = this.settings.get().warnAfter();
		return (warnAfter != null && warnAfter.compareTo(EngineSettings.MAX_LEASE) < 0) ? warnAfter.toNanos()
				: Long.MAX_VALUE;
	}

	/**
	 * Somebody stands in a line: looks are worth it until all lines are gone.
	 */
	void begin() {
		if (!this.watching.get() && warnAfterNanos() != Long.MAX_VALUE && this.watching.compareAndSet(false, true)) {
			lookLater();
		}
	}

	private void lookLater() {
		this.threads.later(this::look, Math.max(warnAfterNanos() / LOOKS_BEFORE_A_WARNING, SHORTEST_PAUSE));
	}

	private void look() {
		try {
			warn(this.queues.waiting());
		}
		finally {
			if (this.queues.isEmpty() || warnAfterNanos() == Long.MAX_VALUE) {
				this.watching.set(false);
				// Somebody may have come after the look and before the flag.
				if (!this.queues.isEmpty()) {
					begin();
				}
			}
			else {
				lookLater();
			}
		}
	}

	private void warn(List<Place> waiting) {
		// While the last warnings wait for the store, the next ones wait for these.
		if (this.telling.get()) {
			return;
		}
		long now = System.nanoTime();
		long warnAfterNanos = warnAfterNanos();
		// A request for many ids may stand in many lines at once, and is one wait.
		Set<Thread> threads = new HashSet<>();
		Map<String, List<Place>> toTell = waiting.stream()
			.filter((place) -> now - place.sinceNanoTime() >= warnAfterNanos && place.warn())
			.filter((place) -> threads.add(place.thread()))
			.collect(Collectors.groupingBy(Place::objectId));
		if (!toTell.isEmpty()) {
			this.telling.set(true);
			// Not by the timer, which must not wait for the store.
			this.threads.toStore(() -> tell(toTell));
		}
	}

	private void tell(Map<String, List<Place>> waiting) {
		try {
			int questions = 0;
			for (Map.Entry<String, List<Place>> entry : waiting.entrySet()) {
				LockKey key = new LockKey(this.settings.get().namespace(), entry.getKey());
				boolean isElsewhere = this.queues.holdOf(entry.getKey()) == null;
				boolean ask = isElsewhere && questions < MOST_QUESTIONS;
				questions += ask ? 1 : 0;
				String holder = this.describeHolder.describe(key, ask);
				entry.getValue().forEach((place) -> tell(place, holder));
			}
		}
		finally {
			this.telling.set(false);
		}
	}

	private static void tell(Place place, String holder) {
		Duration waited = Duration.ofNanos(System.nanoTime() - place.sinceNanoTime());
		logger.warn("Thread '" + place.threadName() + "' has waited for the lock on '" + place.objectId() + "' for "
				+ waited.toMillis() + " ms; it is held by " + holder);
	}

	/**
	 * Says who holds a lock.
	 */
	interface HolderDescription {

		/**
		 * In words.
		 * @param ask whether to ask the store where it is not this JVM
		 */
		String describe(LockKey key, boolean ask);

	}

}
