package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.LockException;
import org.dragonflow.lock.engine.grant.EngineGrant;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Observers;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.engine.line.WaitCycles;
import org.dragonflow.lock.engine.line.WaitWatch;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes the locks of one request, with as few questions to the store as that can be done.
 * <p>
 * Whoever waits holds nothing that comes after what it waits for, neither in the store
 * nor in a line of this JVM. That is all that keeps requests from blocking each other for
 * ever, across all instances. So what is taken ahead of its turn, because it was free, is
 * given back before a wait begins.
 */
record Taking(Lines lines, WaitCycles cycles, WaitWatch watch, Grants grants, FreeLocks freeLocks, Closing closing,
		Ending ending, Observers observers, Transactions transactions, Logbook log) {

	/**
	 * How many locks one request to the store names at most. Some drivers take and
	 * release one by one: many thousands would outlast the lease of the first one, again
	 * and again.
	 */
	static final int AT_ONCE = 500;

	/**
	 * Takes all locks of a request or none.
	 * @param taken receives the holds; empty
	 * @return null, or the first key that was not to be had
	 */
	@Nullable LockKey takeAll(Request request, List<EngineHold> taken) throws InterruptedException {
		if (request.keys().isEmpty()) {
			return null;
		}
		this.transactions.beforeLocking(request.keys());
		WaitOutcome outcome = WaitOutcome.FAILED;
		this.observers.waitBegan(request);
		try {
			LockKey refused = takeInOrder(request, taken);
			outcome = (refused != null) ? WaitOutcome.REFUSED : WaitOutcome.ACQUIRED;
			if (refused != null) {
				giveBack(taken);
			}
			return refused;
		}
		catch (Throwable ex) {
			outcome = outcomeOf(ex);
			Failures failures = new Failures();
			failures.collect(() -> endAll(taken));
			failures.suppressedBy(ex);
			throw ex;
		}
		finally {
			this.observers.waitEnded(request, outcome);
		}
	}

	private WaitOutcome outcomeOf(Throwable ex) {
		if (ex instanceof InterruptedException) {
			return WaitOutcome.INTERRUPTED;
		}
		return this.closing.hasBegun() ? WaitOutcome.CLOSED : WaitOutcome.FAILED;
	}

	// Nobody has relied on it: if one was lost meanwhile, or the store does not confirm,
	// that is no matter of who has asked.
	private void giveBack(List<EngineHold> taken) {
		try {
			endAll(taken);
		}
		catch (LockException ex) {
			this.log.info("A thread has gone without locks, and not all that it had of them could be given back", ex);
		}
	}

	private void endAll(List<EngineHold> taken) {
		List<EngineHold> left = new ArrayList<>(taken);
		taken.clear();
		this.ending.releaseAll(left);
	}

	private @Nullable LockKey takeInOrder(Request request, List<EngineHold> taken) throws InterruptedException {
		List<LockKey> keys = request.keys();
		while (taken.size() < keys.size()) {
			int end = Math.min(taken.size() + AT_ONCE, keys.size());
			List<LockKey> run = keys.subList(taken.size(), end);
			Place place = (run.size() > 1) ? this.freeLocks.take(run, request, taken) : null;
			if (taken.size() == end) {
				continue;
			}
			if (place == null && run.size() > 1 && request.waitUntil().hasPassed()) {
				return keys.get(taken.size());
			}
			// This one is to be waited for, with nothing held that comes after it.
			LockKey key = keys.get(taken.size());
			EngineHold hold = (place != null) ? takeFromStore(place) : takeInLine(request, key);
			if (hold == null) {
				return key;
			}
			taken.add(hold);
			request.granted(taken.size());
		}
		return null;
	}

	private @Nullable EngineHold takeInLine(Request request, LockKey key) throws InterruptedException {
		while (true) {
			this.closing.refuseWhenBegun();
			Place place = request.waitUntil().hasPassed() ? this.lines.enterIfFree(request, key)
					: this.lines.enter(request, key);
			if (place == null) {
				return null;
			}
			boolean settled = false;
			try {
				this.watch.begin();
				if (awaitTurn(place) && place.occupant() == null) {
					EngineHold hold = takeFromStore(place);
					settled = true;
					return hold;
				}
				if (!(this.lines.giveUp(place) instanceof EngineHold handedOver)) {
					settled = true;
					return null;
				}
				if (handedOver.isHeld()) {
					this.closing.refuseWhenBegun(handedOver);
					settled = true;
					return handedOver;
				}
				// It was lost before this thread had a chance to run, and its place with
				// it.
				settled = true;
			}
			finally {
				if (!settled) {
					giveUp(place);
				}
			}
		}
	}

	private boolean awaitTurn(Place place) throws InterruptedException {
		if (place.cameFirst()) {
			return true;
		}
		try {
			this.cycles.begin(place);
			return place.request().await(place::awaitTurn);
		}
		finally {
			// Before the place is given up: nobody waits for who does not wait.
			this.cycles.end();
		}
	}

	private void giveUp(Place place) {
		if (this.lines.giveUp(place) instanceof EngineHold handedOver && handedOver.isHeld()) {
			giveBack(new ArrayList<>(List.of(handedOver)));
		}
	}

	/**
	 * Takes the lock from a place whose turn it is, waiting for other instances; without
	 * success, leaves the place.
	 * @return null if another had the lock until the wait ended
	 */
	private @Nullable EngineHold takeFromStore(Place place) throws InterruptedException {
		EngineGrant grant = null;
		boolean taken = false;
		try {
			this.closing.refuseWhenBegun();
			grant = this.grants.expect(place);
			if (!this.grants.ask(grant, place.request())) {
				return null;
			}
			this.grants.begin(grant);
			taken = true;
		}
		finally {
			if (!taken) {
				this.grants.drop(grant);
				this.lines.leave(place);
			}
		}
		this.closing.refuseWhenBegun(grant.first());
		return grant.first();
	}

}
