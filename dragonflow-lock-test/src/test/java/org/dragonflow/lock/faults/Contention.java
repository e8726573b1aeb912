package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockException;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Threads that take one lock and release it, again and again, whatever happens to the
 * store meanwhile; and what each has seen of its holds.
 */
public final class Contention {

	private static final Executor THREADS = (task) -> new Thread(task, "contender").start();

	private final String objectId;

	private final Duration patience;

	private final Duration longestHold;

	private final Queue<Window> history = new ConcurrentLinkedQueue<>();

	private final List<CompletableFuture<Void>> workers = new ArrayList<>();

	private volatile boolean done;

	/**
	 * Creates a contention that nobody has joined yet.
	 * @param objectId what is wanted
	 * @param patience how long to wait for anything at most
	 */
	public Contention(String objectId, Duration patience) {
		this(objectId, patience, Duration.ZERO);
	}

	/**
	 * Creates a contention that nobody has joined yet, of holders that take their time.
	 * @param objectId what is wanted
	 * @param patience how long to wait for anything at most
	 * @param longestHold how long a holder keeps the lock, more or less
	 */
	public Contention(String objectId, Duration patience, Duration longestHold) {
		this.objectId = objectId;
		this.patience = patience;
		this.longestHold = longestHold;
	}

	/**
	 * One more thread joins.
	 * @param lock by which it locks
	 */
	public void join(DistributedLock lock) {
		this.workers.add(CompletableFuture.runAsync(() -> work(lock), THREADS));
	}

	private void work(DistributedLock lock) {
		LockRequest request = LockRequest.of(this.objectId).withWait(this.patience.dividedBy(2));
		while (!this.done) {
			try (LockHandle hold = lock.acquire(request)) {
				Window window = watch(hold);
				if (window.end > window.start) {
					this.history.add(window);
				}
			}
			catch (LockException ex) {
				// The store is down, or the hold did not outlive that; on to the next.
				continue;
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	private Window watch(LockHandle hold) throws InterruptedException {
		long work = ThreadLocalRandom.current().nextLong(this.longestHold.toNanos() + 1);
		long start = System.nanoTime();
		long end = start;
		do {
			// The work, which takes a little time.
			Thread.sleep(1);
			// Taken before the look, so that the hold was there at that moment.
			long now = System.nanoTime();
			if (!hold.isHeld()) {
				break;
			}
			end = now;
		}
		while (end - start < work);
		return new Window(hold.fencingToken(), start, end);
	}

	/**
	 * Waits until the lock was held some more times.
	 * @param grants how many
	 */
	public void awaitMore(int grants) {
		int before = this.history.size();
		await("the lock is taken and released again and again").atMost(this.patience)
			.until(() -> this.history.size() >= before + grants);
	}

	/**
	 * Lets the threads end. To be followed by {@link #check()}.
	 */
	public void stop() {
		this.done = true;
	}

	/**
	 * Checks that no two holds were there at the same time, and that their tokens rise.
	 */
	public void check() {
		assertThat(CompletableFuture.allOf(this.workers.toArray(CompletableFuture[]::new))).as("the workers")
			.succeedsWithin(this.patience);
		List<Window> byToken = this.history.stream().sorted(Comparator.comparingLong(Window::token)).toList();
		for (int i = 1; i < byToken.size(); i++) {
			Window before = byToken.get(i - 1);
			Window after = byToken.get(i);
			assertThat(after.token()).as("the token of %s, which followed %s", after, before)
				.isGreaterThan(before.token());
			assertThat(after.start() - before.end()).as("the time between %s and %s", before, after).isNotNegative();
		}
	}

	/**
	 * What a holder has seen of its hold, by the clock of this JVM.
	 */
	private record Window(long token, long start, long end) {
	}

}
