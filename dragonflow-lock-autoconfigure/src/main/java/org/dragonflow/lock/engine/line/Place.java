package org.dragonflow.lock.engine.line;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.dragonflow.lock.engine.WaitingThread;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread stands in the line of an id.
 */
public final class Place {

	// Some ten microseconds: as long as a processor takes to wake that has nothing to do.
	private static final int YIELDS = 20;

	// Of who came first, and so has its turn without waiting.
	private static final CompletableFuture<Boolean> FIRST = CompletableFuture.completedFuture(Boolean.TRUE);

	private final Request request;

	private final LockKey key;

	private volatile CompletableFuture<Boolean> turn = FIRST;

	private volatile @Nullable Occupant occupant;

	private final long sinceNanoTime;

	// By the thread that looks for long waits.
	private boolean warned;

	Place(Request request, LockKey key) {
		this.request = request;
		this.key = key;
		// Of several, one is waited for after the other.
		this.sinceNanoTime = (request.keys().size() == 1) ? request.sinceNanoTime() : System.nanoTime();
	}

	boolean warn() {
		boolean first = !this.warned;
		this.warned = true;
		return first;
	}

	void queue() {
		this.turn = new CompletableFuture<>();
	}

	public boolean cameFirst() {
		return this.turn == FIRST;
	}

	public Request request() {
		return this.request;
	}

	public LockKey key() {
		return this.key;
	}

	String objectId() {
		return this.key.objectId();
	}

	public long sinceNanoTime() {
		return this.sinceNanoTime;
	}

	public WaitingThread toWaitingThread(int position, boolean inStore) {
		return new WaitingThread(objectId(), this.request.threadName(), this.request.thread().getId(),
				Duration.ofNanos(System.nanoTime() - this.sinceNanoTime), position, inStore);
	}

	public @Nullable Occupant occupant() {
		return this.occupant;
	}

	public boolean awaitTurn() throws InterruptedException {
		// Keeps the processor awake for the next hand-over, and lets whoever that is run
		// on it at once.
		for (int i = 0; i < YIELDS && !this.turn.isDone(); i++) {
			Thread.yield();
		}
		try {
			return this.turn.get(Math.max(0, this.request.waitUntil().remainingNanos()), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			return false;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A turn in a line never fails", ex);
		}
	}

	void awaitArrival() {
		// Very soon, and so not ended by an interrupt.
		this.turn.join();
	}

	public void occupy(Occupant occupant) {
		this.occupant = occupant;
	}

	void arrive() {
		this.turn.complete(Boolean.TRUE);
	}

	public interface Occupant {

		boolean isHeld();

	}

}
