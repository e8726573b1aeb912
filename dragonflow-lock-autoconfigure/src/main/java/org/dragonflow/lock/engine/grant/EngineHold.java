package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.HeldLock;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockWait;
import org.dragonflow.lock.engine.line.Occupant;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * One caller's use of a grant. It ends once: by release, hand-over or loss, whichever
 * comes first.
 */
public final class EngineHold implements LockHold, Occupant {

	private static final AtomicReferenceFieldUpdater<EngineHold, HoldOutcome> OUTCOME = AtomicReferenceFieldUpdater
		.newUpdater(EngineHold.class, HoldOutcome.class, "outcome");

	private static final AtomicReferenceFieldUpdater<EngineHold, Actions> ACTIONS = AtomicReferenceFieldUpdater
		.newUpdater(EngineHold.class, Actions.class, "actions");

	private static final AtomicIntegerFieldUpdater<EngineHold> ASKED_FOR = AtomicIntegerFieldUpdater
		.newUpdater(EngineHold.class, "askedFor");

	private static final AtomicIntegerFieldUpdater<EngineHold> TRANSACTIONS = AtomicIntegerFieldUpdater
		.newUpdater(EngineHold.class, "transactions");

	private final EngineGrant grant;

	private final Place place;

	// How many have had the grant before.
	private final int position;

	// Most have none.
	private volatile @Nullable Actions actions;

	// Written before it is opened, and then not any more.
	private long sinceNanoTime;

	private Deadline renewUntil = Deadline.NEVER;

	private long toldTo;

	// Whether its caller and others have been told that it has begun, so that they can be
	// told of its end.
	private volatile boolean open;

	private volatile @Nullable String reasonOfLoss;

	private volatile @Nullable HoldOutcome outcome;

	private volatile long ageNanos = -1;

	private volatile int askedFor;

	private volatile int transactions;

	EngineHold(EngineGrant grant, Place place, int position) {
		this.grant = grant;
		this.place = place;
		this.position = position;
	}

	/**
	 * The hold begins.
	 * @param maxHold how long it is renewed at most; null for no bound
	 */
	void begin(@Nullable Duration maxHold) {
		this.sinceNanoTime = System.nanoTime();
		this.renewUntil = Deadline.in(maxHold);
	}

	/**
	 * The others have been told that it has begun. What has happened to it meanwhile is
	 * told now.
	 * @param observers which of them
	 */
	public void open(long observers) {
		this.toldTo = observers;
		this.open = true;
		tellLoss();
		if (this.grant.isRevoked()) {
			tellRevocation();
		}
	}

	/**
	 * Which observers were told of its begin.
	 */
	public long toldTo() {
		return this.toldTo;
	}

	/**
	 * Whether the lock is ours. Finds out about the end of the lease by itself, so that
	 * it is right also in the first call after a long pause of the JVM.
	 */
	@Override
	public boolean isHeld() {
		if (!this.grant.isOf(this) || !this.grant.isGranted()) {
			return false;
		}
		if (this.grant.remainingNanos() <= 0) {
			lose("its lease of " + lease() + " ended without having been renewed");
			return false;
		}
		return true;
	}

	/**
	 * Ends the hold as lost, unless it has ended already.
	 */
	public boolean lose(String reason) {
		boolean lost = this.grant.change(this, null);
		if (lost) {
			lost(reason);
		}
		return lost;
	}

	void lost(String reason) {
		this.reasonOfLoss = reason;
		tellLoss();
	}

	private void tellLoss() {
		String reason = this.reasonOfLoss;
		if (this.open && reason != null && end(HoldOutcome.LOST)) {
			this.grant.listener().lost(this, reason);
		}
	}

	/**
	 * Ends the hold as released, before the store is told, so that no renewal starts any
	 * more.
	 * @return false if it has ended already
	 */
	public boolean beginRelease() {
		return isHeld() && this.grant.change(this, null);
	}

	/**
	 * The store has answered a release with "not yours": it was a loss after all.
	 */
	public void loseInRelease() {
		lost("the store no longer had its record when it was released");
	}

	/**
	 * Ends the hold by giving the grant to the next one in line.
	 * @return the next hold, which has it now; or null if the next in line wants another
	 * lease, or the grant is disturbed, or so much of it is over that its renewal must be
	 * in trouble: it stays with this hold then
	 */
	public @Nullable EngineHold passTo(Place next, @Nullable Duration maxHold) {
		boolean fresh = this.grant.remainingNanos() > lease().toNanos() / 3;
		if (!fresh || this.grant.isRevoked() || !next.request().lease().equals(lease())) {
			return null;
		}
		EngineHold successor = new EngineHold(this.grant, next, this.position + 1);
		successor.begin(maxHold);
		return this.grant.change(this, successor) ? successor : null;
	}

	/**
	 * Notes how it has ended.
	 * @return whether this is the first to be noted
	 */
	public boolean end(HoldOutcome outcome) {
		boolean first = OUTCOME.compareAndSet(this, null, outcome);
		if (first) {
			this.ageNanos = System.nanoTime() - this.sinceNanoTime;
		}
		return first;
	}

	/**
	 * Whether the grant may be passed on once more.
	 */
	public boolean isWithin(HandOver bounds) {
		return bounds.allow(this.position, this.grant.grantNanoTime());
	}

	/**
	 * How long this JVM steps back when the grant has been passed on as far as it may.
	 */
	public long pauseNanos() {
		return HandOver.pauseNanos(this.grant.grantNanoTime());
	}

	boolean isToBeRenewed() {
		return !this.renewUntil.hasPassed();
	}

	/**
	 * Whether nobody can release it any more: it belongs to a thread that has ended, and
	 * no transaction keeps it.
	 */
	boolean isAbandoned() {
		Thread owner = this.place.request().owner();
		return owner != null && this.transactions == 0 && !owner.isAlive();
	}

	/**
	 * One transaction more keeps it, or one less.
	 */
	public void keep(int more) {
		TRANSACTIONS.addAndGet(this, more);
	}

	/**
	 * Tells the holder, once, if the release of its grant was asked for.
	 */
	void tellRevocation() {
		if (this.open && isHeld() && ASKED_FOR.compareAndSet(this, 0, 1)) {
			this.grant.listener().revoked(this);
		}
	}

	/**
	 * Whether it was lost.
	 */
	public boolean isLost() {
		return !isHeld() && this.outcome == HoldOutcome.LOST;
	}

	/**
	 * Whether its holder has been told that its release was asked for.
	 */
	public boolean isAskedFor() {
		return this.askedFor != 0 && isHeld();
	}

	/**
	 * What is to be run when something happens to it.
	 */
	public Actions actions() {
		Actions known = this.actions;
		if (known == null) {
			Actions created = new Actions();
			known = ACTIONS.compareAndSet(this, null, created) ? created : this.actions;
		}
		return Objects.requireNonNull(known);
	}

	/**
	 * Forgets what an owner wanted to be run.
	 */
	public void forgetActions(Object owner) {
		Actions known = this.actions;
		if (known != null) {
			known.forget(owner);
		}
	}

	/**
	 * Takes what is to be run now that something has happened.
	 */
	public List<Runnable> takeActions(Actions.Occasion occasion) {
		Actions known = this.actions;
		return (known != null) ? known.take(occasion) : List.of();
	}

	public LockLostException lostException() {
		return new LockLostException(objectId(),
				describeLock() + " was lost before it was released; another may have had it since."
						+ " Check what was done under it, or guard the writes with the fencing token.");
	}

	/**
	 * Whether the hold has not ended yet. Other than {@link #isHeld()}, this only looks,
	 * and changes nothing.
	 */
	public boolean isUnended() {
		return this.grant.isOf(this) && this.grant.isGranted() && this.grant.remainingNanos() > 0;
	}

	public HeldLock toHeldLock(int waiters) {
		return new HeldLock(objectId(), fencingToken(), owner(), threadName(), this.place.request().thread().getId(),
				this.place.request().owner() == null, age(), lease(), remaining(), this.position, waiters,
				this.grant.isRevoked());
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

	public String describeLock() {
		return FencingTokens.describe(objectId(), fencingToken());
	}

	/**
	 * Since when, on the clock of {@link System#nanoTime()}.
	 */
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

	/**
	 * The fencing token, or {@link Grant#NO_TOKEN}.
	 */
	@Override
	public long fencingToken() {
		return FencingTokens.later(this.grant.firstToken(), this.position);
	}

	@Override
	public LockWait request() {
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
		return this.grant.validUntil().remaining();
	}

}
