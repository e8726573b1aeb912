package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.dragonflow.lock.spi.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * A place in the line for an id.
 */
final class Place {

	// Some ten microseconds: as long as a processor takes to wake that has nothing to do.
	private static final int YIELDS = 20;

	private final String objectId;

	private final Duration lease;

	private final Thread thread = Thread.currentThread();

	private final @Nullable Thread owner;

	// Null for who came first, and so has its turn without waiting.
	private volatile @Nullable CompletableFuture<Boolean> turn;

	private volatile @Nullable EngineHold hold;

	private final long sinceNanoTime = System.nanoTime();

	// By the thread that looks for long waits.
	private boolean warned;

	Place(String objectId, Duration lease, @Nullable Thread owner) {
		this.objectId = objectId;
		this.lease = lease;
		this.owner = owner;
	}

	/**
	 * A warning says for how long this place is waited at.
	 * @return whether it is the first one
	 */
	boolean warn() {
		boolean first = !this.warned;
		this.warned = true;
		return first;
	}

	/**
	 * There is somebody before this place.
	 */
	void queue() {
		this.turn = new CompletableFuture<>();
	}

	/**
	 * Whether this place was the head of its line from the start.
	 */
	boolean cameFirst() {
		return this.turn == null;
	}

	/**
	 * The lease that is wanted.
	 */
	Duration lease() {
		return this.lease;
	}

	String objectId() {
		return this.objectId;
	}

	/**
	 * The thread that owns what is taken at this place, null if a handle does.
	 */
	@Nullable Thread owner() {
		return this.owner;
	}

	/**
	 * The name of the thread that came here.
	 */
	String threadName() {
		return ThreadNames.of(this.thread);
	}

	long threadId() {
		return this.thread.getId();
	}

	/**
	 * The thread that stands at this place.
	 */
	Thread thread() {
		return this.thread;
	}

	/**
	 * Since when, on the clock of {@link System#nanoTime()}.
	 */
	long sinceNanoTime() {
		return this.sinceNanoTime;
	}

	WaitingThread toWaitingThread(int position, boolean inStore) {
		return new WaitingThread(this.objectId, threadName(), threadId(),
				Duration.ofNanos(System.nanoTime() - this.sinceNanoTime), position, inStore);
	}

	/**
	 * The hold that was taken or handed over at this place.
	 */
	@Nullable EngineHold hold() {
		return this.hold;
	}

	/**
	 * Waits until this place is the head of its line.
	 * @return false if the deadline passed first
	 */
	boolean awaitTurn(Deadline deadline) throws InterruptedException {
		CompletableFuture<Boolean> turn = this.turn;
		if (turn == null) {
			return true;
		}
		// Keeps the processor awake for the next hand-over, and lets whoever that is run
		// on it at once.
		for (int i = 0; i < YIELDS && !turn.isDone(); i++) {
			Thread.yield();
		}
		try {
			return turn.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			return false;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A turn in a queue never fails", ex);
		}
	}

	void awaitArrival() {
		CompletableFuture<Boolean> turn = this.turn;
		if (turn != null) {
			// Very soon, and so not ended by an interrupt.
			turn.join();
		}
	}

	void occupy(EngineHold hold) {
		this.hold = hold;
	}

	void arrive() {
		CompletableFuture<Boolean> turn = this.turn;
		if (turn != null) {
			turn.complete(Boolean.TRUE);
		}
	}

}
