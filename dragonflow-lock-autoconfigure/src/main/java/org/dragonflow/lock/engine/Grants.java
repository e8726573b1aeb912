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
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * The grants of this instance, from before they are asked for until they are somebody's.
 */
record Grants(Supplier<EngineSettings> settings, LeaseKeeper keeper, Attempts attempts, Releaser releaser,
		Closing closing, Ending ending, Observers observers, AtomicLong owners) {

	/**
	 * A grant that the store is asked for next, by an owner that there has never been.
	 * Whatever is told of it from now on will be heeded.
	 */
	EngineGrant expect(Place place) {
		EngineSettings settings = this.settings.get();
		String owner = settings.instance() + "/" + Long.toString(this.owners.incrementAndGet(), 36);
		Request request = place.request();
		EngineGrant grant = new EngineGrant(new LockAttempt(place.key(), owner, request.lease(), request.waitUntil()),
				place, this.ending);
		this.keeper.keep(grant);
		return grant;
	}

	/**
	 * @return whether the store has given it; if not, another had it until the wait ended
	 */
	boolean ask(EngineGrant grant, Request request) throws InterruptedException {
		try {
			Grant answer = this.attempts.take(grant.attempt(), request);
			if (answer != null) {
				grant.granted(answer, this.settings.get().maxHold());
			}
			return answer != null;
		}
		catch (LockStoreException ex) {
			// Closing the driver ends its waiting attempts in this way.
			this.closing.refuseWhenBegun();
			throw ex;
		}
	}

	boolean[] askForFree(List<EngineGrant> grants, Request request) throws InterruptedException {
		try {
			return this.attempts.takeFree(grants, request, this.settings.get().maxHold());
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

	/**
	 * Forgets one that nobody is to have, and takes it out of the store if it is there.
	 */
	void drop(@Nullable EngineGrant grant) {
		if (grant != null) {
			boolean inStore = grant.first().isUnended();
			forget(grant);
			if (inStore) {
				this.releaser.undo(grant.id(), grant.lease());
			}
		}
	}

	/**
	 * Gives back some that nobody has relied on. Ended by the store's answer, not in the
	 * background: the wait that follows must find it done.
	 */
	void giveBack(List<EngineGrant> grants) {
		grants.forEach(this::forget);
		// Lost or not confirmed: it ends with its lease at the latest. A store that is
		// gone will be met by the wait that follows.
		this.releaser.releaseAll(grants);
	}

	private void forget(EngineGrant grant) {
		grant.discard();
		this.keeper.forget(grant);
	}

}
