package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.engine.grant.Actions.Occasion;
import org.dragonflow.lock.engine.grant.EngineGrant;
import org.dragonflow.lock.engine.grant.EngineGrant.HoldListener;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.FencingTokens;
import org.dragonflow.lock.engine.grant.LeaseKeeper;
import org.dragonflow.lock.engine.grant.Releaser;
import org.dragonflow.lock.engine.grant.Releaser.Releases;
import org.dragonflow.lock.engine.line.Line.Standing;
import org.dragonflow.lock.engine.line.Line.Turn;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Observers;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;

/**
 * Ends holds: hands the grant over to the next thread in line, or gives it back to the
 * store; and does what a loss calls for. Whatever goes wrong, a hold that has ended
 * leaves its line.
 */
record Ending(Supplier<EngineSettings> settings, Lines lines, LeaseKeeper keeper, Releaser releaser, Closing closing,
		EngineThreads threads, Observers observers, Logbook log,
		Consumer<? super LockEvent> eventListener) implements HoldListener {

	void release(EngineHold hold) {
		if (endHere(hold)) {
			return;
		}
		try {
			if (!this.releaser.release(hold.grant())) {
				hold.loseInRelease();
				throw hold.lostException();
			}
		}
		finally {
			leave(hold);
		}
	}

	/**
	 * Ends holds, the last one first. A failure does not keep the others from ending.
	 * @throws org.dragonflow.lock.LockLostException if one was lost before
	 * @throws org.dragonflow.lock.LockStoreException if the store did not confirm the
	 * release of one. What failed besides is suppressed by it.
	 */
	void releaseAll(List<EngineHold> all) {
		if (all.size() == 1) {
			release(all.get(0));
			return;
		}
		Failures failures = new Failures();
		// Those whose turn has not come are kept up until then.
		for (int end = all.size(); end > 0; end -= Taking.AT_ONCE) {
			List<EngineHold> some = all.subList(Math.max(0, end - Taking.AT_ONCE), end);
			failures.collect(() -> releaseTogether(some, failures));
		}
		failures.throwFirst();
	}

	private void releaseTogether(List<EngineHold> some, Failures failures) {
		List<EngineHold> inStore = new ArrayList<>(some.size());
		for (int i = some.size() - 1; i >= 0; i--) {
			EngineHold hold = some.get(i);
			failures.collect(() -> {
				if (!endHere(hold)) {
					inStore.add(hold);
				}
			});
		}
		try {
			Releases releases = this.releaser.releaseAll(inStore.stream().map(EngineHold::grant).toList());
			for (EngineHold hold : inStore) {
				if (releases.lost().contains(hold.grant().id())) {
					hold.loseInRelease();
					failures.add(hold.lostException());
				}
			}
			releases.unconfirmed().forEach(failures::add);
		}
		finally {
			inStore.forEach((hold) -> failures.collect(() -> leave(hold)));
		}
	}

	/**
	 * Ends a hold as far as that needs no store.
	 * @return whether that is all, because the next thread in line has the grant; if not,
	 * the store is to be asked, and {@link #leave} called
	 * @throws org.dragonflow.lock.LockLostException if it was lost before
	 */
	private boolean endHere(EngineHold hold) {
		boolean handedOver = false;
		boolean ended = false;
		try {
			handedOver = handOver(hold);
		}
		finally {
			ended = !handedOver && hold.beginRelease();
			if (ended) {
				this.keeper.forget(hold.grant());
			}
		}
		if (!handedOver && !ended) {
			throw hold.lostException();
		}
		return handedOver;
	}

	private boolean handOver(EngineHold hold) {
		if (this.closing.hasBegun() || !isWithin(this.settings.get().handOver(), hold)) {
			return false;
		}
		Turn turn = this.lines.handOver(hold.place(), (next) -> hold.passTo(next, this.settings.get().maxHold()));
		Place next = turn.place();
		if (next == null || !(next.occupant() instanceof EngineHold successor)) {
			return false;
		}
		try {
			ended(hold, HoldOutcome.HANDED_OVER);
			this.keeper.look(hold.grant());
		}
		finally {
			try {
				successor.open(this.observers.holdBegan(successor));
			}
			finally {
				turn.begin();
			}
		}
		return true;
	}

	private void ended(EngineHold hold, HoldOutcome outcome) {
		if (hold.end(outcome)) {
			this.observers.holdEnded(hold.toldTo(), hold, outcome);
		}
	}

	private void leave(EngineHold hold) {
		boolean later = false;
		try {
			ended(hold, HoldOutcome.RELEASED);
			long pause = pauseNanos(hold);
			if (pause > 0) {
				this.threads.atDeadline(() -> this.lines.leave(hold.place()), pause);
				later = true;
			}
		}
		finally {
			if (!later) {
				this.lines.leave(hold.place());
			}
		}
	}

	private long pauseNanos(EngineHold hold) {
		HandOver bounds = this.settings.get().handOver();
		if (bounds.maxCount() == 0 || isWithin(bounds, hold) || this.closing.hasBegun()) {
			return 0;
		}
		Standing standing = this.lines.look(hold.objectId(), 0);
		boolean awaited = standing != null && standing.count() > 0;
		return awaited ? HandOver.pauseNanos(hold.grant().grantNanoTime()) : 0;
	}

	private static boolean isWithin(HandOver bounds, EngineHold hold) {
		return bounds.allow(hold.position(), hold.grant().grantNanoTime());
	}

	@Override
	public void lost(EngineHold hold, String reason) {
		EngineGrant grant = hold.grant();
		boolean closes = this.closing.hasBegun();
		try {
			this.keeper.forget(grant);
			this.observers.holdEnded(hold.toldTo(), hold, closes ? HoldOutcome.CLOSED : HoldOutcome.LOST);
		}
		finally {
			// The next thread of this JVM need not wait for the holder to notice: the
			// store lets it in when the record has ended.
			this.lines.leave(hold.place());
		}
		if (!closes) {
			// Its record may still be there: expired, or kept up by the client's session.
			this.releaser.undo(grant.id(), grant.lease());
		}
		this.log.warn(FencingTokens.describe(hold) + " was lost: " + reason, null);
		tell(new LockLostEvent(hold.objectId(), hold.fencingToken(), reason), hold, Occasion.LOSS);
	}

	@Override
	public void revoked(EngineHold hold) {
		tell(new LockRevocationEvent(hold.objectId(), hold.fencingToken()), hold, Occasion.REVOCATION);
	}

	private void tell(LockEvent event, EngineHold hold, Occasion occasion) {
		String what = occasion.of(hold.objectId());
		this.log.callBack(() -> this.eventListener.accept(event), false, what);
		hold.actions().take(occasion).forEach((action) -> this.log.callBack(action, true, what));
	}

}
