package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * One caller's use of a grant. It ends once: by release, hand-over or loss, whichever
 * comes first.
 */
public final class EngineHold implements LockHold, Place.Occupant {

	private final EngineGrant grant;

	private final Place place;

	// Asked for at each look at thousands of holds, hence not by way of the request.
	private final @Nullable Thread owningThread;

	// How many have had the grant before.
	private final int position;

	private final AtomicReference<@Nullable HoldOutcome> outcome = new AtomicReference<>();

	private final AtomicBoolean askedFor = new AtomicBoolean();

	private final AtomicInteger transactions = new AtomicInteger();

	private final Actions actions = new Actions();

	// Written before it is opened, and then not any more.
	private long sinceNanoTime;

	private Deadline renewUntil = Deadline.NEVER;

	private long toldTo;

	// Others know that it has begun, so that they can be told of its end.
	private volatile boolean open;

	private volatile @Nullable String reasonOfLoss;

	private volatile long ageNanos = -1;

	EngineHold(EngineGrant grant, Place place, int position) {
		this.grant = grant;
		this.place = place;
		this.owningThread = place.request().owningThread();
		this.position = position;
	}

	void begin(long nanoTime, @Nullable Duration maxHold) {
		this.sinceNanoTime = nanoTime;
		this.renewUntil = Deadline.in(maxHold);
	}

	/**
	 * Others have been told that it has begun. What has happened to it meanwhile is told
	 * now.
	 */
	public void open(long observers) {
		this.toldTo = observers;
		this.open = true;
		tellLoss();
		if (this.grant.isRevoked()) {
			tellRevocation();
		}
	}

	public long toldTo() {
		return this.toldTo;
	}

	/**
	 * Whether the lock is ours. Finds out about the end of the lease by itself, so that
	 * it is right also in the first call after a long pause of the JVM.
	 */
	@Override
	public boolean isHeld() {
		boolean had = this.grant.holder() == this && this.grant.isGranted();
		if (had && this.grant.remainingNanos() <= 0) {
			lose("its lease of " + lease() + " ended without having been renewed");
			return false;
		}
		return had;
	}

	// This only looks.
	public boolean isUnended() {
		return this.grant.holder() == this && this.grant.isGranted() && this.grant.remainingNanos() > 0;
	}

	public boolean lose(String reason) {
		boolean lost = this.grant.change(this, null);
		if (lost) {
			this.reasonOfLoss = reason;
			tellLoss();
		}
		return lost;
	}

	// The store has answered a release with "not yours": it was a loss after all.
	public void loseInRelease() {
		this.reasonOfLoss = "the store no longer had its record when it was released";
		tellLoss();
	}

	private void tellLoss() {
		String reason = this.reasonOfLoss;
		if (this.open && reason != null && end(HoldOutcome.LOST)) {
			this.grant.listener().lost(this, reason);
		}
	}

	void tellRevocation() {
		if (this.open && isHeld() && this.askedFor.compareAndSet(false, true)) {
			this.grant.listener().revoked(this);
		}
	}

	// Before the store is told, so that no renewal starts any more.
	public boolean beginRelease() {
		return isHeld() && this.grant.change(this, null);
	}

	/**
	 * Ends it by giving the grant to the next one in line.
	 * @return the next hold; null if the next in line wants another lease, or the grant
	 * is asked for, or so much of it is over that its renewal must be in trouble
	 */
	public @Nullable EngineHold passTo(Place next, @Nullable Duration maxHold) {
		boolean fresh = this.grant.remainingNanos() > lease().toNanos() / 3;
		if (!fresh || this.grant.isRevoked() || !next.request().lease().equals(lease())) {
			return null;
		}
		EngineHold successor = new EngineHold(this.grant, next, this.position + 1);
		successor.begin(System.nanoTime(), maxHold);
		return this.grant.change(this, successor) ? successor : null;
	}

	public boolean end(HoldOutcome outcome) {
		boolean first = this.outcome.compareAndSet(null, outcome);
		if (first) {
			this.ageNanos = System.nanoTime() - this.sinceNanoTime;
		}
		return first;
	}

	boolean isToBeRenewed() {
		return !this.renewUntil.hasPassed();
	}

	boolean isAbandoned() {
		return this.owningThread != null && this.transactions.get() == 0 && !this.owningThread.isAlive();
	}

	public void keep(int more) {
		this.transactions.addAndGet(more);
	}

	public boolean isLost() {
		return !isHeld() && this.outcome.get() == HoldOutcome.LOST;
	}

	public boolean isAskedFor() {
		return this.askedFor.get() && isHeld();
	}

	public Actions actions() {
		return this.actions;
	}

	public LockLostException lostException() {
		return new LockLostException(objectId(),
				FencingTokens.describe(this) + " was lost before it was released; another may have had it since."
						+ " Check what was done under it, or guard the writes with the fencing token.");
	}

	public String objectId() {
		return key().objectId();
	}

	public EngineGrant grant() {
		return this.grant;
	}

	public Place place() {
		return this.place;
	}

	public int position() {
		return this.position;
	}

	public long sinceNanoTime() {
		return this.sinceNanoTime;
	}

	@Override
	public LockKey key() {
		return this.place.key();
	}

	@Override
	public String owner() {
		return this.grant.id().owner();
	}

	@Override
	public long fencingToken() {
		return FencingTokens.later(this.grant.firstToken(), this.position);
	}

	@Override
	public Request request() {
		return this.place.request();
	}

	@Override
	public Duration lease() {
		return this.grant.lease();
	}

	@Override
	public boolean isHandedOver() {
		return this.position > 0;
	}

	@Override
	public Duration age() {
		long ended = this.ageNanos;
		return Duration.ofNanos((ended >= 0) ? ended : System.nanoTime() - this.sinceNanoTime);
	}

	@Override
	public Duration remaining() {
		return Duration.ofNanos(this.grant.isGranted() ? Math.max(0, this.grant.remainingNanos()) : 0);
	}

}
