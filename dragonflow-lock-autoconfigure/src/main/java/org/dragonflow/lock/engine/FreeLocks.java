package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.engine.grant.EngineGrant;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.engine.line.WaitWatch;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes several locks of one request by one question to the store, as far as they are
 * free.
 */
record FreeLocks(Lines lines, WaitWatch watch, Grants grants, Closing closing) {

	/**
	 * Takes the first of some locks, for as long as they are free.
	 * @param taken receives the holds
	 * @return the place of the one that comes next, if it is the head of its line and may
	 * ask the store; null if there is none, or another has that lock
	 */
	@Nullable Place take(List<LockKey> keys, Request request, List<EngineHold> taken) throws InterruptedException {
		this.closing.refuseWhenBegun();
		List<Place> places = new ArrayList<>(keys.size());
		List<EngineGrant> grants = new ArrayList<>(keys.size());
		// Those before it have got what they stand for, or are another's to leave.
		int settled = 0;
		try {
			for (LockKey key : keys) {
				Place place = this.lines.enterIfFree(request, key);
				if (place == null) {
					break;
				}
				places.add(place);
			}
			if (places.size() < 2) {
				settled = places.size();
				return places.isEmpty() ? null : places.get(0);
			}
			this.watch.begin();
			places.forEach((place) -> grants.add(this.grants.expect(place)));
			this.grants.askForFree(grants, request);
			while (settled < grants.size() && grants.get(settled).isGranted()) {
				taken.add(this.grants.begin(grants.get(settled)));
				settled++;
				request.granted(taken.size());
			}
			this.grants.giveBack(grants.stream().skip(settled + 1).filter(EngineGrant::isGranted).toList());
			taken.subList(taken.size() - settled, taken.size()).forEach(this.closing::refuseWhenBegun);
			if (settled == places.size() || request.waitUntil().hasPassed()) {
				return null;
			}
			this.grants.drop(grants.get(settled));
			return places.get(settled++);
		}
		finally {
			for (int i = settled; i < places.size(); i++) {
				this.grants.drop((i < grants.size()) ? grants.get(i) : null);
				this.lines.leave(places.get(i));
			}
		}
	}

}
