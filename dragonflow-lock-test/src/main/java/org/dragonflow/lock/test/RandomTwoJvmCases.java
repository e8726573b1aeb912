package org.dragonflow.lock.test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Threads of two JVMs lock as they like, and some of them end while they hold; one of the
 * JVMs is paused, holds are broken, observers and actions fail and hang, and threads are
 * not to be had; and the history of it is checked. What they like comes from a seed,
 * which is printed; the system property {@value #SEED_PROPERTY} has the same choices made
 * again. How the threads meet is chance all the same.
 */
abstract class RandomTwoJvmCases extends TwoJvmBase {

	/**
	 * The system property that replays the choices of a seed.
	 */
	static final String SEED_PROPERTY = "dragonflow.lock.test.seed";

	private static final Duration LEASE = Duration.ofSeconds(2);

	private static final int ENOUGH_HOLDS = 100;

	// The successor may be gone again when one arrives.
	private static final int ENOUGH_STALE_RELEASES = 2;

	private static final int ENOUGH_BREAKS_AND_DEATHS = 2;

	private static final int CLOCK_ROUNDS = 20;

	@Test
	void holdsOfTwoJvmsNeverOverlapWhateverTheyDo(@TempDir Path directory) throws Exception {
		long chosen = Long.getLong(SEED_PROPERTY, System.nanoTime());
		String seed = "-D" + SEED_PROPERTY + "=" + chosen;
		System.out.println(getClass().getSimpleName() + ": random locking with " + seed);
		try {
			lockAtRandom(directory, new Random(chosen), seed);
		}
		catch (Exception | AssertionError ex) {
			// Whatever it is, it is to be had again.
			throw new AssertionError("Random locking failed, with " + seed + ": " + ex.getMessage(), ex);
		}
	}

	private void lockAtRandom(Path directory, Random random, String seed) throws Exception {
		checkThatAllHaveTheSameClock();
		RandomIds ids = new RandomIds(objectId(), LEASE, directory.resolve("register"));
		call(one(), "random", "start " + random.nextLong() + " " + ids.format());
		call(two(), "random", "start " + random.nextLong() + " " + ids.format());
		try {
			disturb(random, seed);
		}
		catch (Exception | AssertionError ex) {
			// The history tells why, rather than what was waited for in vain.
			try {
				stop(seed).check(seed);
			}
			catch (AssertionError found) {
				found.addSuppressed(ex);
				throw found;
			}
			throw ex;
		}
		HoldHistory history = stop(seed);
		System.out.println(getClass().getSimpleName() + ": " + history);
		history.check(seed);
		checkThatNothingIsLeft(ids, seed);
		history.checkThatItSaysSomething(ENOUGH_HOLDS, seed);
	}

	private void disturb(Random random, String seed) throws Exception {
		awaitHolds(ENOUGH_HOLDS / 5, seed);
		pauseEachForAMoment(random);
		pauseOneForLongerThanItsLease(random);
		awaitHolds(ENOUGH_HOLDS / 2, seed);
		await("Stale releases, with a successor to hit; " + seed).atMost(patience())
			.until(() -> both("staleReleases") >= ENOUGH_STALE_RELEASES);
		await("Breaks by an engine, and threads that end while they hold; " + seed).atMost(patience())
			.until(() -> both("breaks") >= ENOUGH_BREAKS_AND_DEATHS && both("deaths") >= ENOUGH_BREAKS_AND_DEATHS);
	}

	/**
	 * On one machine the monotonic clock is the same for all processes, with Java on
	 * Linux at least. The history depends on that, so it is tried: whatever a worker says
	 * must lie between two looks at this JVM's clock.
	 */
	private void checkThatAllHaveTheSameClock() {
		for (int round = 0; round < CLOCK_ROUNDS; round++) {
			for (WorkerJvm worker : List.of(one(), two())) {
				long before = System.nanoTime();
				long theirs = Long.parseLong(call(worker, "nanoTime"));
				long after = System.nanoTime();
				assertThat(theirs - before).as("The worker's clock after this one's").isNotNegative();
				assertThat(after - theirs).as("This clock after the worker's").isNotNegative();
			}
		}
	}

	private void awaitHolds(int count, String seed) {
		for (WorkerJvm worker : List.of(one(), two())) {
			int before = holds(worker);
			await("A JVM comes to " + count + " more holds; " + seed).atMost(patience())
				.until(() -> holds(worker) >= before + count);
		}
	}

	private int holds(WorkerJvm worker) {
		return count(worker, "grants");
	}

	private int both(String what) {
		return count(one(), what) + count(two(), what);
	}

	private int count(WorkerJvm worker, String what) {
		return Integer.parseInt(call(worker, "random", what));
	}

	private void pauseEachForAMoment(Random random) throws Exception {
		for (WorkerJvm worker : List.of(one(), two())) {
			pause(worker, Duration.ofMillis(50 + random.nextInt(250)));
		}
	}

	private void pauseOneForLongerThanItsLease(Random random) throws Exception {
		boolean first = random.nextBoolean();
		WorkerJvm paused = first ? one() : two();
		// So that at least one hold is lost, with somebody waiting for it.
		call(paused, "random", "keep");
		pause(paused, LEASE.plusMillis(200 + random.nextInt(600)));
	}

	private static void pause(WorkerJvm worker, Duration duration) throws Exception {
		worker.pause();
		try {
			TimeUnit.NANOSECONDS.sleep(duration.toNanos());
		}
		finally {
			worker.resume();
		}
	}

	private HoldHistory stop(String seed) {
		Background<String> ones = Background.call(() -> call(one(), "random", "stop"));
		Background<String> twos = Background.call(() -> call(two(), "random", "stop"));
		HoldHistory history = new HoldHistory();
		history.add(ones.get("The threads of one JVM come to their end; " + seed, patience()));
		history.add(twos.get("The threads of the other JVM come to their end; " + seed, patience()));
		return history;
	}

	/**
	 * Checks that each id is free, and can be had together with all others.
	 */
	private void checkThatNothingIsLeft(RandomIds ids, String seed) {
		for (WorkerJvm worker : List.of(one(), two())) {
			for (String id : ids.all()) {
				assertThat(call(worker, "look", id)).as("What is left of %s; %s", id, seed).isEqualTo("null");
			}
			for (String id : ids.all()) {
				assertThat(call(worker, "try", id)).as("A try for %s, with those before it held; %s", id, seed)
					.isEqualTo("true");
			}
			for (String id : ids.all()) {
				call(worker, "unlock", id);
			}
		}
	}

}
