package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.engine.LocalQueues.Place;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;

/**
 * One hold on one id, from its grant to its end: by release or by loss, whichever comes
 * first, and never both.
 */
final class EngineHold {

	/**
	 * How many fencing tokens each grant of a store stands for. A store's token is
	 * multiplied by this, so that holds which are handed over inside the JVM can each
	 * have their own: higher than the grant's, lower than that of the next grant. Stores
	 * whose tokens follow the clock in microseconds come to 2^61 in this century.
	 */
	static final long TOKENS_PER_GRANT = 1024;

	private enum State {

		HELD, RELEASED, LOST

	}

	private final Hold storeHold;

	private final Place place;

	private final Duration lease;

	private final long fencingToken;

	private final Deadline renewUntil;

	private final BiConsumer<EngineHold, String> afterLoss;

	private final String holder = Thread.currentThread().getName();

	private final long sinceNanoTime = System.nanoTime();

	private final AtomicReference<State> state = new AtomicReference<>(State.HELD);

	private final Queue<Runnable> lossActions = new ConcurrentLinkedQueue<>();

	private volatile Deadline validUntil;

	/**
	 * Creates a hold.
	 * @param afterLoss told once if the hold is lost, with the reason, by the thread that
	 * found out
	 */
	EngineHold(Hold storeHold, Place place, Grant grant, Duration lease, Deadline renewUntil,
			BiConsumer<EngineHold, String> afterLoss) {
		this.storeHold = storeHold;
		this.place = place;
		this.lease = lease;
		this.fencingToken = Math.multiplyExact(grant.token(), TOKENS_PER_GRANT);
		this.renewUntil = renewUntil;
		this.afterLoss = afterLoss;
		this.validUntil = grant.validUntil();
	}

	/**
	 * Whether the lock is ours. Finds out about the end of the lease by itself, so that
	 * it is right also in the first call after a long pause of the JVM.
	 */
	boolean isHeld() {
		if (this.state.get() == State.HELD && this.validUntil.hasPassed()) {
			lose("its lease of " + this.lease + " ended without having been renewed");
		}
		return this.state.get() == State.HELD;
	}

	/**
	 * Ends the hold as lost, unless it has ended already.
	 */
	boolean lose(String reason) {
		return end(State.HELD, reason);
	}

	/**
	 * Ends the hold as released, before the store is told, so that no renewal starts any
	 * more.
	 * @return false if it has ended already
	 */
	boolean beginRelease() {
		return isHeld() && this.state.compareAndSet(State.HELD, State.RELEASED);
	}

	/**
	 * The store has answered a release with "not yours": it was a loss after all.
	 */
	void loseInRelease() {
		end(State.RELEASED, "the store no longer had its record when it was released");
	}

	private boolean end(State from, String reason) {
		if (this.state.compareAndSet(from, State.LOST)) {
			this.afterLoss.accept(this, reason);
			return true;
		}
		return false;
	}

	void extend(Deadline validUntil) {
		this.validUntil = validUntil;
	}

	/**
	 * Whether this hold should be part of a renewal now: a fifth of its lease is over,
	 * and it has not been held for too long.
	 */
	boolean isDue() {
		return this.validUntil.remainingNanos() < this.lease.toNanos() / 5 * 4 && !this.renewUntil.hasPassed();
	}

	/**
	 * Adds an action for the case of a loss. Run at once if that is the case already.
	 */
	void onLost(Runnable action) {
		this.lossActions.add(action);
		if (!isHeld() && this.state.get() == State.LOST && this.lossActions.remove(action)) {
			action.run();
		}
	}

	/**
	 * Takes the next action to run after a loss; each is taken once.
	 */
	Queue<Runnable> lossActions() {
		return this.lossActions;
	}

	LockLostException lostException() {
		return new LockLostException(objectId(),
				describeLock() + " was lost before it was released; another may have had it since."
						+ " Check what was done under it, or guard the writes with the fencing token.");
	}

	/**
	 * Who holds what since when, for messages.
	 */
	String describe() {
		Duration age = Duration.ofNanos(System.nanoTime() - this.sinceNanoTime);
		return "thread '" + this.holder + "' of this instance, for " + age.toMillis() + " ms";
	}

	String objectId() {
		return this.storeHold.key().objectId();
	}

	Hold storeHold() {
		return this.storeHold;
	}

	Place place() {
		return this.place;
	}

	Duration lease() {
		return this.lease;
	}

	/**
	 * The fencing token, or {@link Grant#NO_TOKEN}.
	 */
	long fencingToken() {
		return this.fencingToken;
	}

	long requireFencingToken() {
		if (this.fencingToken == Grant.NO_TOKEN) {
			throw new IllegalStateException("There is no fencing token for the lock on '" + objectId()
					+ "': the driver in use mints none. Choose another dragonflow.lock.driver, such as jdbc");
		}
		return this.fencingToken;
	}

	/**
	 * Which lock, and by which token, for messages.
	 */
	String describeLock() {
		return "The lock on '" + objectId() + "'"
				+ ((this.fencingToken != Grant.NO_TOKEN) ? " with fencing token " + this.fencingToken : "");
	}

	Deadline validUntil() {
		return this.validUntil;
	}

}
