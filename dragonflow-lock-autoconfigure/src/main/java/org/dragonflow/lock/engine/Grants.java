package org.dragonflow.lock.engine;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.grant.Attempts;
import org.dragonflow.lock.engine.grant.EngineGrant;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.LeaseKeeper;
import org.dragonflow.lock.engine.grant.Releaser;
import org.dragonflow.lock.engine.line.Observers;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * The grants of this instance, from before they are asked for until they are somebody's.
 */
record Grants(Supplier<EngineSettings> settings, LeaseKeeper keeper, Attempts attempts, Releaser releaser,
		Closing closing, Ending ending, Observers observers, AtomicLong owners) {

	// For an owner that there has never been. What is told of it from now on is heeded.
	EngineGrant expect(Place place) {
		EngineSettings settings = this.settings.get();
		String owner = settings.instance() + "/" + Long.toString(this.owners.incrementAndGet(), 36);
		Request request = place.request();
		EngineGrant grant = new EngineGrant(new LockAttempt(place.key(), owner, request.lease(), request.waitUntil()),
				place, this.ending);
		this.keeper.keep(grant);
		return grant;
	}

	// Whether the store has given it; if not, another had it until the wait ended.
	boolean ask(EngineGrant grant, Request request) throws InterruptedException {
		try {
			this.attempts.take(grant, request, this.settings.get().maxHold());
			return grant.isGranted();
		}
		catch (LockStoreException ex) {
			// Closing the driver ends its waiting attempts in this way.
			this.closing.refuseWhenBegun();
			throw ex;
		}
	}

	void askForFree(List<EngineGrant> grants, Request request) throws InterruptedException {
		try {
			this.attempts.takeFree(grants, request, this.settings.get().maxHold());
		}
		catch (LockStoreException ex) {
			this.closing.refuseWhenBegun();
			throw ex;
		}
	}

	EngineHold begin(EngineGrant grant) {
		EngineHold hold = grant.first();
		hold.place().occupy(hold);
		this.keeper.look(grant);
		hold.open(this.observers.holdBegan(hold));
		return hold;
	}

	// Nobody is to have it, and the store is not to keep it.
	void drop(@Nullable EngineGrant grant) {
		if (grant != null) {
			boolean inStore = grant.first().isUnended();
			forget(grant);
			if (inStore) {
				this.releaser.undo(grant.id(), grant.lease());
			}
		}
	}

	void giveBack(List<EngineGrant> grants) {
		grants.forEach(this::forget);
		// Not in the background: the wait that follows must find it done. Nobody has
		// relied on them; what is not confirmed ends with its lease.
		this.releaser.releaseAll(grants);
	}

	private void forget(EngineGrant grant) {
		grant.discard();
		this.keeper.forget(grant);
	}

}
