package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store for locks, and makes holds of what it grants.
 */
final class Grants {

	// An answer that comes after its lease has ended is worth another try, but not many:
	// the next ones will be as late.
	private static final int TRIES_WHILE_ANSWERS_ARE_LATE = 3;

	private final Store store;

	private final Releaser releaser;

	private final LeaseKeeper keeper;

	private final Closing closing;

	private final LiveSettings settings;

	private final HoldListener listener;

	private final AtomicLong owners = new AtomicLong();

	/**
	 * Creates an object that has asked for nothing yet.
	 * @param listener told of what happens to each hold
	 */
	Grants(Store store, Releaser releaser, LeaseKeeper keeper, Closing closing, LiveSettings settings,
			HoldListener listener) {
		this.store = store;
		this.releaser = releaser;
		this.keeper = keeper;
		this.closing = closing;
		this.settings = settings;
		this.listener = listener;
	}

	/**
	 * Takes one lock, waiting for other instances.
	 * @param place the head of its line
	 * @return the hold, or null if another had the lock until the wait ended
	 */
	@Nullable EngineHold take(LockKey key, Deadline waitUntil, Waiting waiting, Place place) throws InterruptedException {
		Duration lease = place.lease();
		for (int i = 0; i < TRIES_WHILE_ANSWERS_ARE_LATE; i++) {
			this.closing.refuseWhenBegun();
			LockAttempt attempt = attempt(key, lease, waitUntil);
			Grant grant = acquire(attempt, waiting);
			if (grant == null) {
				return null;
			}
			EngineHold hold = accept(attempt, grant, place);
			if (hold != null) {
				this.closing.refuseWhenBegun(hold);
				return hold;
			}
		}
		throw LockStoreException.unreachable("The store granted the lock on '" + key.objectId()
				+ "', but each time the answer came after the lease of " + lease + " had ended. Use a longer lease.",
				null);
	}

	/**
	 * Makes a hold of a grant.
	 * @return null if the answer came after the lease had ended; the grant is undone then
	 */
	@Nullable EngineHold accept(LockAttempt attempt, Grant grant, Place place) {
		if (grant.validUntil().hasPassed()) {
			this.releaser.undo(attempt.hold(), attempt.lease());
			return null;
		}
		EngineHold hold = hold(attempt, grant, place);
		place.occupy(hold);
		this.keeper.keep(hold);
		return hold;
	}

	private EngineHold hold(LockAttempt attempt, Grant grant, Place place) {
		try {
			return new EngineHold(attempt.hold(), place, grant, Deadline.in(this.settings.get().maxHold()),
					this.listener);
		}
		catch (ArithmeticException ex) {
			this.releaser.undo(attempt.hold(), attempt.lease());
			throw new IllegalStateException("The fencing token " + grant.token() + " for '" + attempt.key().objectId()
					+ "' is out of the range that a driver may use", ex);
		}
	}

	/**
	 * Takes those of several locks that are free.
	 * @return the grants, in the order of the attempts; null in place of those refused
	 */
	List<@Nullable Grant> acquireFree(List<LockAttempt> attempts, Waiting waiting) throws InterruptedException {
		try {
			return this.store.acquireFree(attempts, waiting);
		}
		catch (LockStoreException ex) {
			this.closing.refuseWhenBegun();
			throw ex;
		}
	}

	private @Nullable Grant acquire(LockAttempt attempt, Waiting waiting) throws InterruptedException {
		try {
			return this.store.acquire(attempt, waiting);
		}
		catch (LockStoreException ex) {
			// Closing the driver ends its waiting attempts in this way.
			this.closing.refuseWhenBegun();
			throw ex;
		}
	}

	/**
	 * An attempt by an owner that there has never been.
	 */
	LockAttempt attempt(LockKey key, Duration lease, Deadline waitUntil) {
		String owner = this.settings.get().instance() + "/" + Long.toString(this.owners.incrementAndGet(), 36);
		return new LockAttempt(key, owner, lease, waitUntil);
	}

}
