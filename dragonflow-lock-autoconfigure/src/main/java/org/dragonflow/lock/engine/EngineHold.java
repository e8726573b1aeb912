package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * One hold on one id, from its grant to its end: by release or by loss, whichever comes
 * first, and never both.
 */
final class EngineHold {

	private enum State {

		HELD, RELEASED, LOST

	}

	private final Hold storeHold;

	private final Place place;

	private final long fencingToken;

	private final int position;

	private final long grantNanoTime;

	private final Deadline renewUntil;

	private final HoldListener listener;

	private final GrantFate fate;

	private final long sinceNanoTime = System.nanoTime();

	private final AtomicReference<State> state = new AtomicReference<>(State.HELD);

	private final AtomicBoolean revoked = new AtomicBoolean();

	private final Actions lossActions = new Actions();

	private final Actions revocationActions = new Actions();

	private final HoldTelling telling;

	private volatile Deadline validUntil;

	/**
	 * The first hold of a grant.
	 */
	EngineHold(Hold storeHold, Place place, Grant grant, Deadline renewUntil, HoldListener listener) {
		this.storeHold = storeHold;
		this.place = place;
		this.fencingToken = FencingTokens.first(grant.token());
		this.position = 0;
		this.grantNanoTime = this.sinceNanoTime;
		this.renewUntil = renewUntil;
		this.listener = listener;
		this.fate = new GrantFate();
		this.validUntil = grant.validUntil();
		this.telling = listener.telling(this);
	}

	private EngineHold(EngineHold predecessor, Place place, Deadline renewUntil) {
		this.storeHold = predecessor.storeHold;
		this.place = place;
		this.fencingToken = FencingTokens.next(predecessor.fencingToken);
		this.position = predecessor.position + 1;
		this.grantNanoTime = predecessor.grantNanoTime;
		this.renewUntil = renewUntil;
		this.listener = predecessor.listener;
		this.fate = predecessor.fate;
		this.validUntil = predecessor.validUntil;
		this.telling = this.listener.telling(this);
	}

	/**
	 * Whether the grant may be passed on once more.
	 */
	boolean isWithin(HandOver bounds) {
		return this.fate.isUndisturbed() && bounds.allow(this.position, this.grantNanoTime);
	}

	/**
	 * How long this JVM steps back when the grant has been passed on as far as it may.
	 */
	long pauseNanos() {
		return HandOver.pauseNanos(this.grantNanoTime);
	}

	/**
	 * The next hold of the same grant, or null if the next in line wants another lease,
	 * or if so much of this one is over that its renewal must be in trouble.
	 */
	@Nullable EngineHold successor(Place next, Deadline renewUntil) {
		boolean fresh = this.validUntil.remainingNanos() > lease().toNanos() / 3;
		return (fresh && next.lease().equals(lease())) ? new EngineHold(this, next, renewUntil) : null;
	}

	/**
	 * Whether the lock is ours. Finds out about the end of the lease by itself, so that
	 * it is right also in the first call after a long pause of the JVM.
	 */
	boolean isHeld() {
		if (this.state.get() == State.HELD && this.validUntil.hasPassed()) {
			lose("its lease of " + lease() + " ended without having been renewed");
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
	 * The grant has ended, whichever hold of it there is by now.
	 * @return whether it was this one
	 */
	boolean loseGrant(String reason) {
		this.fate.lose(reason);
		return lose(reason);
	}

	/**
	 * Heeds what has become of the grant while it was handed over.
	 */
	void catchUpWithGrant() {
		String reason = this.fate.reasonOfLoss();
		if (reason != null) {
			lose(reason);
		}
		tellOfRevocation();
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
			this.listener.lost(this, reason);
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
		return this.validUntil.remainingNanos() < lease().toNanos() / 5 * 4 && !this.renewUntil.hasPassed();
	}

	/**
	 * Adds an action for the case of a loss. Run at once if that is the case already.
	 */
	void onLost(Runnable action) {
		this.lossActions.add(action);
		if (!isHeld() && this.state.get() == State.LOST) {
			runLossActions();
		}
	}

	void runLossActions() {
		this.lossActions.run("the loss of '" + objectId() + "'");
	}

	/**
	 * Somebody has asked for the release of this grant.
	 */
	void revoke() {
		this.fate.revoke();
		tellOfRevocation();
	}

	/**
	 * Tells the holder, once, if the release of its grant was asked for.
	 */
	void tellOfRevocation() {
		if (this.fate.isRevoked() && isHeld() && this.revoked.compareAndSet(false, true)) {
			this.listener.revoked(this);
		}
	}

	/**
	 * Adds an action for the case of a revocation. Run at once if that is the case
	 * already.
	 */
	void onRevocation(Runnable action) {
		this.revocationActions.add(action);
		if (this.revoked.get() && isHeld()) {
			runRevocationActions();
		}
	}

	void runRevocationActions() {
		this.revocationActions.run("the revocation of '" + objectId() + "'");
	}

	LockLostException lostException() {
		return new LockLostException(objectId(),
				describeLock() + " was lost before it was released; another may have had it since."
						+ " Check what was done under it, or guard the writes with the fencing token.");
	}

	/**
	 * Whether it comes from another thread, not from the store.
	 */
	boolean isHandedOver() {
		return this.position > 0;
	}

	long sinceNanoTime() {
		return this.sinceNanoTime;
	}

	/**
	 * Whether the hold has not ended yet. Other than {@link #isHeld()}, this only looks,
	 * and changes nothing.
	 */
	boolean isUnended() {
		return this.state.get() == State.HELD && !this.validUntil.hasPassed();
	}

	HeldLock toHeldLock(int waiters) {
		return new HeldLock(objectId(), this.fencingToken, this.storeHold.owner(), this.place.threadName(),
				this.place.threadId(), this.place.owner() == null,
				Duration.ofNanos(System.nanoTime() - this.sinceNanoTime), lease(), this.validUntil.remaining(),
				this.position, waiters, this.fate.isRevoked());
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
		return this.place.lease();
	}

	/**
	 * The fencing token, or {@link Grant#NO_TOKEN}.
	 */
	long fencingToken() {
		return this.fencingToken;
	}

	String describeLock() {
		return FencingTokens.describe(objectId(), this.fencingToken);
	}

	/**
	 * Tells observers of this hold.
	 */
	HoldTelling telling() {
		return this.telling;
	}

	Deadline validUntil() {
		return this.validUntil;
	}

}
