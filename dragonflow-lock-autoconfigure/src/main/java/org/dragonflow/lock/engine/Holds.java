package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockException;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.LocalQueues.Place;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes and ends single holds: first in the line inside the JVM, then in the store.
 */
final class Holds implements EngineHold.Listener {

	private static final Log logger = LogFactory.getLog(Holds.class);

	// An answer that comes after its lease has ended is worth another try, but not many:
	// the next ones will be as late.
	private static final int TRIES_WHILE_ANSWERS_ARE_LATE = 3;

	private static final Duration PATIENCE_WITH_LISTENERS = Duration.ofSeconds(2);

	private final EngineSettings settings;

	private final Consumer<? super LockEvent> eventListener;

	private final EngineThreads threads = new EngineThreads();

	private final LocalQueues queues = new LocalQueues();

	private final WaitCycles cycles = new WaitCycles(this.queues::ownerOf);

	private final Store store;

	private final LeaseKeeper keeper;

	private final AtomicLong owners = new AtomicLong();

	private final AtomicBoolean closing = new AtomicBoolean();

	Holds(LockDriver driver, EngineSettings settings, Consumer<? super LockEvent> eventListener) {
		this.settings = settings;
		this.eventListener = eventListener;
		this.store = new Store(driver, this.threads);
		this.keeper = new LeaseKeeper(this.store, this.threads);
		driver.onLoss((storeHold) -> {
			EngineHold hold = this.keeper.find(storeHold);
			if (hold != null) {
				hold.lose("the store has ended it");
			}
		});
		driver.onRevocation((storeHold) -> {
			EngineHold hold = this.keeper.find(storeHold);
			if (hold != null) {
				hold.revoke();
			}
		});
	}

	/**
	 * Takes the lock on one id.
	 * @param owner the thread that will own it, null if a handle will
	 * @return the hold, or null if another had it until the wait ended
	 */
	@Nullable EngineHold take(LockKey key, Duration lease, Deadline waitUntil, Waiting waiting, @Nullable Thread owner)
			throws InterruptedException {
		while (true) {
			refuseWhenClosing();
			Place place = waitUntil.hasPassed() ? this.queues.enterIfFree(key.objectId(), lease, owner)
					: this.queues.enter(key.objectId(), lease, owner);
			if (place == null) {
				return null;
			}
			boolean turn = awaitTurn(place, waitUntil, waiting);
			EngineHold handedOver = turn ? place.hold() : this.queues.giveUp(place);
			if (handedOver == null) {
				return turn ? takeFromStore(key, waitUntil, waiting, place) : null;
			}
			if (handedOver.isHeld()) {
				return unlessClosing(handedOver);
			}
			// It was lost before this thread had a chance to run, and its place with it.
		}
	}

	private boolean awaitTurn(Place place, Deadline waitUntil, Waiting waiting) throws InterruptedException {
		if (place.cameFirst()) {
			return true;
		}
		try {
			this.cycles.begin(place.objectId());
			return waiting.run(() -> place.awaitTurn(waitUntil));
		}
		catch (InterruptedException | IllegalStateException ex) {
			EngineHold handedOver = this.queues.giveUp(place);
			if (handedOver != null) {
				passOn(handedOver, ex);
			}
			throw ex;
		}
		finally {
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

	private @Nullable EngineHold takeFromStore(LockKey key, Deadline waitUntil, Waiting waiting, Place place)
			throws InterruptedException {
		boolean taken = false;
		try {
			EngineHold hold = ask(key, waitUntil, waiting, place);
			taken = (hold != null);
			return hold;
		}
		finally {
			if (!taken) {
				this.queues.leave(place);
			}
		}
	}

	private @Nullable EngineHold ask(LockKey key, Deadline waitUntil, Waiting waiting, Place place)
			throws InterruptedException {
		Duration lease = place.lease();
		for (int i = 0; i < TRIES_WHILE_ANSWERS_ARE_LATE; i++) {
			refuseWhenClosing();
			LockAttempt attempt = new LockAttempt(key, newOwner(), lease, waitUntil);
			Grant grant = attempt(attempt, waiting);
			if (grant == null) {
				return null;
			}
			EngineHold hold = new EngineHold(attempt.hold(), place, grant, Deadline.in(this.settings.maxHold()), this);
			if (!grant.validUntil().hasPassed()) {
				place.occupy(hold);
				this.keeper.keep(hold);
				return unlessClosing(hold);
			}
			this.store.undo(attempt.hold(), lease);
		}
		throw LockStoreException.unreachable("The store granted the lock on '" + key.objectId()
				+ "', but each time the answer came after the lease of " + lease + " had ended. Use a longer lease.",
				null);
	}

	private @Nullable Grant attempt(LockAttempt attempt, Waiting waiting) throws InterruptedException {
		try {
			return this.store.acquire(attempt, waiting);
		}
		catch (LockStoreException ex) {
			// Closing the driver ends its waiting attempts in this way.
			refuseWhenClosing();
			throw ex;
		}
	}

	/**
	 * Whoever closes this object may have missed a hold that is new.
	 */
	private EngineHold unlessClosing(EngineHold hold) {
		if (this.closing.get() && hold.lose("this instance shuts down")) {
			this.store.undo(hold.storeHold(), hold.lease());
		}
		refuseWhenClosing();
		return hold;
	}

	private String newOwner() {
		return this.settings.instance() + "/" + Long.toString(this.owners.incrementAndGet(), 36);
	}

	private void refuseWhenClosing() {
		if (this.closing.get()) {
			throw new IllegalStateException("This instance is shutting down and takes no more locks");
		}
	}

	/**
	 * Who holds a lock, in words.
	 * @param ask whether to ask the store where it is not this JVM
	 */
	String describeHolder(LockKey key, boolean ask) {
		EngineHold local = this.queues.holdOf(key.objectId());
		if (local != null) {
			return local.describe();
		}
		return ask ? this.store.describeHolder(key) : "another instance";
	}

	/**
	 * Ends a hold.
	 * @throws org.dragonflow.lock.LockLostException if it was lost before
	 * @throws LockStoreException if the store did not confirm
	 */
	void release(EngineHold hold) {
		if (!hold.beginRelease()) {
			throw hold.lostException();
		}
		if (handOver(hold)) {
			return;
		}
		this.keeper.forget(hold);
		try {
			if (!this.store.release(hold.storeHold(), hold.validUntil())) {
				hold.loseInRelease();
				throw hold.lostException();
			}
		}
		finally {
			leave(hold);
		}
	}

	/**
	 * Passes the store's grant on to the next thread in line, if there is one.
	 */
	private boolean handOver(EngineHold hold) {
		return !this.closing.get() && hold.isWithin(this.settings.handOver())
				&& this.queues.handOver(hold.place(), (next) -> {
					EngineHold successor = hold.successor(next, Deadline.in(this.settings.maxHold()));
					if (successor != null) {
						this.keeper.keep(successor);
						successor.tellOfRevocation();
					}
					return successor;
				});
	}

	private void leave(EngineHold hold) {
		HandOver bounds = this.settings.handOver();
		if (bounds.maxCount() > 0 && !hold.isWithin(bounds) && !this.closing.get()
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
		// The next thread of this JVM need not wait for the holder to notice: the store
		// lets it in when the record has ended.
		this.queues.leave(hold.place());
		if (!this.closing.get()) {
			// Its record may still be there: expired, or kept up by the client's session.
			this.store.undo(hold.storeHold(), hold.lease());
		}
		logger.warn(hold.describeLock() + " was lost: " + reason);
		LockLostEvent event = new LockLostEvent(hold.objectId(), hold.fencingToken(), reason);
		this.threads.callBack(() -> this.eventListener.accept(event));
		this.threads.callBack(hold::runLossActions);
	}

	@Override
	public void revoked(EngineHold hold) {
		LockRevocationEvent event = new LockRevocationEvent(hold.objectId(), hold.fencingToken());
		this.threads.callBack(() -> this.eventListener.accept(event));
		this.threads.callBack(hold::runRevocationActions);
	}

	/**
	 * Asks whoever holds a lock, here or elsewhere, to release it.
	 * @return whether somebody does
	 */
	boolean requestRevocation(LockKey key) {
		EngineHold local = this.queues.holdOf(key.objectId());
		if (local != null && local.isHeld()) {
			local.revoke();
			return true;
		}
		return this.store.requestRevocation(key);
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
		if (!this.closing.compareAndSet(false, true)) {
			return;
		}
		List<EngineHold> ended = new ArrayList<>();
		for (EngineHold hold : this.keeper.all()) {
			if (hold.lose("this instance shuts down")) {
				ended.add(hold);
			}
		}
		this.threads.finishCallbacks(PATIENCE_WITH_LISTENERS);
		releaseAll(ended);
		this.store.close();
		this.threads.close();
		this.queues.dissolve();
	}

	private void releaseAll(List<EngineHold> ended) {
		for (EngineHold hold : ended) {
			try {
				this.store.release(hold.storeHold(), hold.validUntil());
			}
			catch (LockStoreException ex) {
				logger.warn("The lock on '" + hold.objectId() + "' ends with its lease", ex);
				if (!ex.isRefused()) {
					// Each of the others would hold up the shutdown for as long as this
					// one.
					logger.warn("The store does not answer; the locks that are not released yet end with their leases");
					return;
				}
			}
		}
	}

}
