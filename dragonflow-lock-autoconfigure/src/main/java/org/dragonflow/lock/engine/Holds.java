package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockException;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes and ends single holds: first in the line inside the JVM, then in the store.
 */
final class Holds implements HoldListener {

	private static final Log logger = LogFactory.getLog(Holds.class);

	private final LiveSettings settings;

	private final Consumer<? super LockEvent> eventListener;

	private final LockObserver observer;

	private final EngineThreads threads = new EngineThreads();

	private final LocalQueues queues = new LocalQueues();

	private final WaitCycles cycles = new WaitCycles(this.queues::headOf);

	private final Releaser releaser;

	private final Store store;

	private final LeaseKeeper keeper;

	private final Closing closing;

	private final WaitWatch watch;

	private final Grants grants;

	Holds(LockDriver driver, LiveSettings settings, Consumer<? super LockEvent> eventListener, LockObserver observer) {
		this.settings = settings;
		this.eventListener = eventListener;
		this.observer = observer;
		this.releaser = new Releaser(driver, this.threads);
		this.store = new Store(driver, this.releaser);
		this.keeper = new LeaseKeeper(this.store, this.threads);
		this.closing = new Closing(this.store, this.releaser, this.keeper, this.threads, this.queues);
		this.watch = new WaitWatch(this.queues, this.threads, settings, this::describeHolder);
		this.grants = new Grants(this.store, this.releaser, this.keeper, this.closing, settings, this);
		driver.onLoss((storeHold) -> this.keeper.lose(storeHold, "the store has ended it"));
		driver.onRevocation((storeHold) -> {
			EngineHold hold = this.keeper.find(storeHold);
			if (hold != null) {
				this.keeper.revoke(hold);
			}
		});
	}

	/**
	 * What takes and ends several of these holds together.
	 */
	ManyHolds together() {
		return new ManyHolds(this, this.grants, this.closing, this.releaser, this.queues, this.watch);
	}

	/**
	 * What looks at all of this from outside, and takes holds away.
	 */
	Oversight oversight() {
		return new Oversight(this.store, this.queues, this.keeper, this.settings);
	}

	/**
	 * Takes the lock on one id.
	 * @param owner the thread that will own it, null if a handle will
	 * @return the hold, or null if another had it until the wait ended
	 */
	@Nullable EngineHold take(LockKey key, Duration lease, Deadline waitUntil, Waiting waiting, @Nullable Thread owner)
			throws InterruptedException {
		while (true) {
			this.closing.refuseWhenBegun();
			Place place = waitUntil.hasPassed() ? this.queues.enterIfFree(key.objectId(), lease, owner)
					: this.queues.enter(key.objectId(), lease, owner);
			if (place == null) {
				return null;
			}
			this.watch.begin();
			boolean turn = awaitTurn(place, waitUntil, waiting);
			EngineHold handedOver = turn ? place.hold() : this.queues.giveUp(place);
			if (handedOver == null) {
				return turn ? takeFromStore(key, waitUntil, waiting, place) : null;
			}
			if (handedOver.isHeld()) {
				this.closing.refuseWhenBegun(handedOver);
				return handedOver;
			}
			// It was lost before this thread had a chance to run, and its place with it.
		}
	}

	private boolean awaitTurn(Place place, Deadline waitUntil, Waiting waiting) throws InterruptedException {
		if (place.cameFirst()) {
			return true;
		}
		try {
			return waitInLine(place, waitUntil, waiting);
		}
		catch (InterruptedException | IllegalStateException ex) {
			EngineHold handedOver = this.queues.giveUp(place);
			if (handedOver != null) {
				passOn(handedOver, ex);
			}
			throw ex;
		}
	}

	private boolean waitInLine(Place place, Deadline waitUntil, Waiting waiting) throws InterruptedException {
		try {
			this.cycles.begin(place);
			return waiting.run(() -> place.awaitTurn(waitUntil));
		}
		finally {
			// Before the place is given up: nobody waits for who does not wait.
			this.cycles.end();
		}
	}

	private void passOn(EngineHold hold, Exception reason) {
		try {
			release(hold);
		}
		catch (LockException ex) {
			reason.addSuppressed(ex);
		}
	}

	/**
	 * Takes the lock from a place whose turn it is; without success, leaves the place.
	 */
	@Nullable EngineHold takeFromStore(LockKey key, Deadline waitUntil, Waiting waiting, Place place)
			throws InterruptedException {
		boolean taken = false;
		try {
			EngineHold hold = this.grants.take(key, waitUntil, waiting, place);
			taken = (hold != null);
			return hold;
		}
		finally {
			if (!taken) {
				this.queues.leave(place);
			}
		}
	}

	/**
	 * Who holds a lock, in words.
	 * @param ask whether to ask the store where it is not this JVM
	 */
	String describeHolder(LockKey key, boolean ask) {
		EngineHold local = this.queues.holdOf(key.objectId());
		if (local != null) {
			return "thread '" + local.place().threadName() + "' of this instance, for "
					+ TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - local.sinceNanoTime()) + " ms";
		}
		return ask ? this.store.describeHolder(key) : "another instance";
	}

	/**
	 * Ends a hold.
	 * @throws org.dragonflow.lock.LockLostException if it was lost before
	 * @throws LockStoreException if the store did not confirm
	 */
	void release(EngineHold hold) {
		if (endHere(hold)) {
			return;
		}
		try {
			if (!this.releaser.release(hold.storeHold(), hold.validUntil())) {
				hold.loseInRelease();
				throw hold.lostException();
			}
		}
		finally {
			leave(hold);
		}
	}

	/**
	 * Ends a hold as far as that needs no store.
	 * @return whether that is all, because the store's grant has gone over to the next
	 * thread in line; if not, the store is to be asked, and {@link #leave} called
	 * @throws org.dragonflow.lock.LockLostException if it was lost before
	 */
	boolean endHere(EngineHold hold) {
		if (!hold.beginRelease()) {
			throw hold.lostException();
		}
		if (handOver(hold)) {
			return true;
		}
		this.keeper.forget(hold);
		return false;
	}

	/**
	 * Passes the store's grant on to the next thread in line, if there is one.
	 */
	private boolean handOver(EngineHold hold) {
		return !this.closing.hasBegun() && hold.isWithin(this.settings.get().handOver())
				&& this.queues.handOver(hold.place(),
						(next) -> hold.successor(next, Deadline.in(this.settings.get().maxHold())), (successor) -> {
							hold.telling().ended(HoldOutcome.HANDED_OVER);
							this.keeper.keep(successor);
							successor.catchUpWithGrant();
						});
	}

	/**
	 * Lets the next thread in line have its turn, now or after a pause.
	 */
	void leave(EngineHold hold) {
		hold.telling().ended(HoldOutcome.RELEASED);
		HandOver bounds = this.settings.get().handOver();
		if (bounds.maxCount() > 0 && !hold.isWithin(bounds) && !this.closing.hasBegun()
				&& this.queues.hasFollowers(hold.place())) {
			this.threads.later(() -> this.queues.leave(hold.place()), hold.pauseNanos());
		}
		else {
			this.queues.leave(hold.place());
		}
	}

	@Override
	public void lost(EngineHold hold, String reason) {
		this.keeper.forget(hold);
		hold.telling().ended(this.closing.hasBegun() ? HoldOutcome.CLOSED : HoldOutcome.LOST);
		// The next thread of this JVM need not wait for the holder to notice: the store
		// lets it in when the record has ended.
		this.queues.leave(hold.place());
		if (!this.closing.hasBegun()) {
			// Its record may still be there: expired, or kept up by the client's session.
			this.releaser.undo(hold.storeHold(), hold.lease());
		}
		logger.warn(hold.describeLock() + " was lost: " + reason);
		LockLostEvent event = new LockLostEvent(hold.objectId(), hold.fencingToken(), reason);
		this.threads.callBack(() -> this.eventListener.accept(event));
		this.threads.callBack(hold::runLossActions);
	}

	@Override
	public HoldTelling telling(EngineHold hold) {
		return (this.observer != LockObserver.NONE) ? new ObservedHold(hold, this.observer) : HoldTelling.NOBODY;
	}

	@Override
	public void revoked(EngineHold hold) {
		LockRevocationEvent event = new LockRevocationEvent(hold.objectId(), hold.fencingToken());
		this.threads.callBack(() -> this.eventListener.accept(event));
		this.threads.callBack(hold::runRevocationActions);
	}

	/**
	 * Whether nothing is held, waited for, or remembered.
	 */
	boolean isIdle() {
		return this.queues.isEmpty() && this.keeper.all().isEmpty();
	}

	/**
	 * Stops granting, tells the holders that their holds end, and only then lets others
	 * have the locks.
	 */
	void close() {
		this.closing.run();
	}

}
