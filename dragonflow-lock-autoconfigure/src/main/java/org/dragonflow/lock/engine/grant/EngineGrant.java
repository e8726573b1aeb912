package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * What the store gives to one owner, from before it is asked until it is known to be
 * gone. Whoever has it now has a hold of it; that is one field, which changes in one
 * step: from one hold to the next when the grant is handed over, and to none when it is
 * given back or lost. So whatever the store says of the grant meets the one who has it.
 */
public final class EngineGrant {

	private final LockAttempt attempt;

	// By which key and owner the store knows it.
	private final Hold id;

	private final HoldListener listener;

	private final EngineHold first;

	private final AtomicReference<@Nullable EngineHold> holder;

	private volatile boolean revoked;

	// Whether the store had no answer for it the last time.
	private volatile boolean doubtful;

	private volatile boolean beingRenewed;

	// Null until the store has granted it.
	private volatile @Nullable Deadline validUntil;

	// These are written before it.
	private long firstToken;

	private long grantNanoTime;

	private long confirmedNanoTime;

	public EngineGrant(LockAttempt attempt, Place place, HoldListener listener) {
		this.attempt = attempt;
		this.id = attempt.hold();
		this.listener = listener;
		this.first = new EngineHold(this, place, 0);
		this.holder = new AtomicReference<>(this.first);
	}

	/**
	 * The store has granted it.
	 * @param maxHold how long its first hold is renewed at most; null for no bound
	 * @throws IllegalStateException if its token is one that a driver must not use
	 */
	public void granted(Grant grant, @Nullable Duration maxHold) {
		long now = System.nanoTime();
		this.first.begin(now, maxHold);
		this.firstToken = FencingTokens.first(this.id.key().objectId(), grant.token());
		this.grantNanoTime = now;
		this.confirmedNanoTime = now;
		this.validUntil = grant.validUntil();
	}

	public boolean isGranted() {
		return this.validUntil != null;
	}

	void extend(Deadline validUntil, long now) {
		this.confirmedNanoTime = now;
		this.validUntil = validUntil;
		if (this.doubtful) {
			this.doubtful = false;
		}
	}

	/**
	 * The store has ended it, or nobody relies on it any more.
	 * @return whether somebody had it
	 */
	public boolean lose(String reason) {
		EngineHold last = this.holder.get();
		while (last != null && !last.lose(reason)) {
			last = this.holder.get();
		}
		return last != null;
	}

	public void revoke() {
		this.revoked = true;
		EngineHold present = this.holder.get();
		if (present != null) {
			present.tellRevocation();
		}
	}

	boolean isRevoked() {
		return this.revoked;
	}

	/**
	 * Nobody is to have it: the store has not granted it, or it is given back unused.
	 */
	public void discard() {
		this.holder.set(null);
	}

	boolean change(EngineHold from, @Nullable EngineHold to) {
		return this.holder.compareAndSet(from, to);
	}

	public @Nullable EngineHold holder() {
		return this.holder.get();
	}

	public EngineHold first() {
		return this.first;
	}

	/**
	 * Whether it should be part of a renewal now: a fifth of its lease is over, it is
	 * held, and has not been held for too long.
	 */
	boolean isDue(long remaining) {
		return !this.beingRenewed && isToBeRenewed() && remaining < lease().toNanos() / 5 * 4;
	}

	private boolean isToBeRenewed() {
		EngineHold present = this.holder.get();
		return present != null && present.isToBeRenewed();
	}

	long nanosSinceConfirmed() {
		return (isGranted() && isToBeRenewed()) ? System.nanoTime() - this.confirmedNanoTime : 0;
	}

	void beingRenewed(boolean beingRenewed) {
		this.beingRenewed = beingRenewed;
	}

	boolean isDoubtful() {
		return this.doubtful && this.holder.get() != null;
	}

	void doubt() {
		this.doubtful = true;
	}

	/**
	 * What is left until its deadline; the longest time there is before it was granted.
	 */
	public long remainingNanos() {
		Deadline validUntil = this.validUntil;
		return (validUntil != null) ? validUntil.remainingNanos() : Long.MAX_VALUE;
	}

	boolean hasHalfOfItsLease() {
		return remainingNanos() >= lease().toNanos() / 2;
	}

	long firstToken() {
		return this.firstToken;
	}

	public long grantNanoTime() {
		return this.grantNanoTime;
	}

	public LockAttempt attempt() {
		return this.attempt;
	}

	public Duration lease() {
		return this.attempt.lease();
	}

	public Hold id() {
		return this.id;
	}

	HoldListener listener() {
		return this.listener;
	}

	/**
	 * Told of what happens to a hold, by the thread that found out. Each is told once.
	 * Returns quickly, and runs nothing of others.
	 */
	public interface HoldListener {

		void lost(EngineHold hold, String reason);

		void revoked(EngineHold hold);

	}

}
