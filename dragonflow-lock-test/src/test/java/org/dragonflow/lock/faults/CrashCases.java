package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.LockException;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many threads of several instances contend while their store crashes and comes back, and
 * the history of it is checked.
 */
abstract class CrashCases extends LostReplyCases {

	private static final int CLIENTS = 3;

	private static final int THREADS_PER_CLIENT = 3;

	private static final int CRASHES = 3;

	private static final int GRANTS_BETWEEN_CRASHES = 100;

	CrashCases(FaultyStore store) {
		super(store);
	}

	@Test
	void holdsNeverOverlapAndTokensRiseAcrossCrashesOfTheStore() {
		Queue<Window> history = new ConcurrentLinkedQueue<>();
		AtomicBoolean done = new AtomicBoolean();
		List<CompletableFuture<Void>> workers = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			Client client = client(SHORT_LEASE);
			for (int j = 0; j < THREADS_PER_CLIENT; j++) {
				workers.add(client.later(() -> work(client, history, done)));
			}
		}
		try {
			for (int i = 0; i < CRASHES; i++) {
				awaitMoreGrants(history);
				this.store.kill();
				this.store.restart();
			}
			awaitMoreGrants(history);
		}
		finally {
			done.set(true);
		}
		assertThat(CompletableFuture.allOf(workers.toArray(CompletableFuture[]::new))).as("the workers")
			.succeedsWithin(PATIENCE);
		check(history.stream().sorted(Comparator.comparingLong(Window::token)).toList());
	}

	private void awaitMoreGrants(Queue<Window> history) {
		int before = history.size();
		await("the lock is taken and released again and again")
			.until(() -> history.size() >= before + GRANTS_BETWEEN_CRASHES);
	}

	private static Void work(Client client, Queue<Window> history, AtomicBoolean done) throws InterruptedException {
		while (!done.get()) {
			try (LockHandle hold = client.lock().acquire(LockRequest.of(ID).withWait(Duration.ofSeconds(10)))) {
				long start = System.nanoTime();
				Thread.sleep(1);
				// Taken before the look, so that the hold was there at that moment.
				long end = System.nanoTime();
				if (hold.isHeld()) {
					history.add(new Window(hold.fencingToken(), start, end));
				}
			}
			catch (LockException ex) {
				// The store is down, or the hold did not outlive that; on to the next.
				continue;
			}
		}
		return null;
	}

	private static void check(List<Window> history) {
		for (int i = 1; i < history.size(); i++) {
			Window before = history.get(i - 1);
			Window after = history.get(i);
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
