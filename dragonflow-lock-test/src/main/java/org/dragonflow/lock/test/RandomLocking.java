package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.HoldHistory.LateWrite;
import org.jspecify.annotations.Nullable;

import org.springframework.context.event.EventListener;

/**
 * The worker JVM's part of the random test: some threads that lock as they like, until
 * they are stopped, and the history of it.
 */
final class RandomLocking {

	/**
	 * What a line begins with that is not a hold of the history.
	 */
	static final String VIOLATION = "! ";

	private static final int THREADS = 4;

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final LockEngine lock;

	private final LockDriver driver;

	private final RandomMischief mischief;

	private final RandomWitness witness;

	private final Queue<LockLostEvent> events = new ConcurrentLinkedQueue<>();

	private final Queue<WatchedHold> history = new ConcurrentLinkedQueue<>();

	private final Queue<BreakRecord> breaks = new ConcurrentLinkedQueue<>();

	private final Queue<String> violations = new ConcurrentLinkedQueue<>();

	// In the order in which they began: one that goes on for another is behind it.
	private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

	private final AtomicInteger deaths = new AtomicInteger();

	private volatile boolean stopped;

	private volatile @Nullable RandomKeeper keeper;

	RandomLocking(LockEngine lock, LockDriver driver, RandomMischief mischief, RandomWitness witness) {
		this.lock = lock;
		this.driver = driver;
		this.mischief = mischief;
		this.witness = witness;
	}

	@EventListener
	void onLoss(LockLostEvent event) {
		this.events.add(event);
	}

	/**
	 * Does what the first word of a command says, with the rest of it. Called by one
	 * thread.
	 */
	String run(String command) throws Exception {
		String[] parts = command.split(" ", 2);
		switch (parts[0]) {
			case "start" -> start(parts[1]);
			case "keep" -> keeper().keepNext(PATIENCE);
			case "staleReleases" -> {
				return String.valueOf(keeper().staleReleases());
			}
			case "deaths" -> {
				return String.valueOf(this.deaths);
			}
			case "breaks" -> {
				return String.valueOf(this.breaks.size());
			}
			case "grants" -> {
				return String.valueOf(this.history.size());
			}
			case "stop" -> {
				return stop();
			}
			default -> throw new IllegalArgumentException("There is no command '" + command + "'");
		}
		return "";
	}

	@Nullable String look(String objectId) {
		Object record = this.driver.look(key(objectId));
		return (record != null) ? record.toString() : null;
	}

	private void start(String seedAndIds) {
		String[] parts = seedAndIds.split(" ", 2);
		long seed = Long.parseLong(parts[0]);
		RandomIds ids = RandomIds.parse(parts[1]);
		this.events.clear();
		this.history.clear();
		this.breaks.clear();
		this.violations.clear();
		this.threads.clear();
		this.deaths.set(0);
		this.witness.takeViolations();
		this.stopped = false;
		this.mischief.begin(seed);
		RandomKeeper keeper = new RandomKeeper(this.lock, this.driver, key(ids.kept()), ids, new Random(seed),
				this.history, this.violations);
		this.keeper = keeper;
		start("random-keeper", () -> {
			keeper.run(() -> !this.stopped);
			return false;
		});
		for (int i = 1; i <= THREADS; i++) {
			RandomThread thread = new RandomThread(this.lock, ids, new Random(seed + i), this.mischief, this.history,
					this.breaks, this.violations);
			start("random-" + i, () -> thread.run(() -> !this.stopped));
		}
	}

	private void start(String name, Body body) {
		Thread thread = new Thread(() -> {
			try {
				if (body.run()) {
					this.deaths.incrementAndGet();
					start(name, body);
				}
			}
			catch (Throwable ex) {
				// Not only exceptions: what a thread dies of must not be missed.
				this.violations.add("The thread " + name + " died of " + ex + " at "
						+ Stream.of(ex.getStackTrace()).limit(8).map(String::valueOf).toList());
			}
		}, name);
		this.threads.add(thread);
		thread.start();
	}

	private RandomKeeper keeper() {
		RandomKeeper keeper = this.keeper;
		if (keeper == null) {
			throw new IllegalStateException("Nothing has been started");
		}
		return keeper;
	}

	private String stop() throws InterruptedException {
		this.stopped = true;
		Deadline patience = Deadline.in(PATIENCE);
		for (Thread thread : this.threads) {
			thread.join(Math.max(1, patience.remaining().toMillis()));
			if (thread.isAlive()) {
				this.violations.add("The thread " + thread.getName() + " hangs at "
						+ Stream.of(thread.getStackTrace()).limit(12).map(String::valueOf).toList());
			}
		}
		this.mischief.end();
		// Losses are told on threads of the library, so a little after they are found.
		while (!isAllTold() && !patience.hasPassed()) {
			TimeUnit.MILLISECONDS.sleep(10);
		}
		this.violations.addAll(this.witness.takeViolations());
		this.history.forEach((hold) -> hold.checkTold(eventsOf(hold)));
		this.events.stream()
			.collect(Collectors.groupingBy((event) -> event.objectId() + " " + event.fencingToken(),
					Collectors.counting()))
			.forEach((hold, count) -> {
				if (count > 1) {
					this.violations.add("The loss of " + hold + " was published " + count + " times");
				}
			});
		return Stream
			.of(this.violations.stream().map((text) -> VIOLATION + text), this.breaks.stream().map(BreakRecord::format),
					this.history.stream().flatMap((hold) -> hold.lateWrites().stream()).map(LateWrite::format),
					this.history.stream().flatMap((hold) -> hold.records().stream()).map(HoldRecord::format))
			.flatMap(Function.identity())
			.collect(Collectors.joining("\n"));
	}

	private boolean isAllTold() {
		return this.witness.isAtRest() && this.history.stream().allMatch((hold) -> hold.isTold(eventsOf(hold)));
	}

	private long eventsOf(WatchedHold hold) {
		return this.events.stream().filter((event) -> hold.is(event.objectId(), event.fencingToken())).count();
	}

	private LockKey key(String objectId) {
		return new LockKey(this.lock.settings().namespace(), objectId);
	}

	/**
	 * What a thread does.
	 */
	private interface Body {

		/**
		 * Returns whether another thread is to go on.
		 */
		boolean run() throws Exception;

	}

}
