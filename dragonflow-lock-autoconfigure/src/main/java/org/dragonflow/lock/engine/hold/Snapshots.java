package org.dragonflow.lock.engine.hold;

import java.util.List;

import org.dragonflow.lock.engine.HeldLock;
import org.dragonflow.lock.engine.LockSnapshot;
import org.dragonflow.lock.engine.WaitingThread;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Line.Standing;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Place;

/**
 * Looks at what is held and waited for, id by id. What one id costs does not depend on
 * how many there are, and nothing but that id is kept waiting by it.
 */
public final class Snapshots {

	private final Lines lines;

	Snapshots(Lines lines) {
		this.lines = lines;
	}

	public LockSnapshot ofAll(int limit) {
		Collected collected = new Collected(limit);
		this.lines.lookAtAll(limit, collected::add);
		return collected.toSnapshot();
	}

	public LockSnapshot of(String objectId, int limit) {
		Collected collected = new Collected(limit);
		Standing standing = this.lines.look(objectId, limit);
		if (standing != null) {
			collected.add(standing);
		}
		return collected.toSnapshot();
	}

	private static final class Collected {

		private final Oldest<HeldLock> held;

		private final Oldest<WaitingThread> waiting;

		Collected(int limit) {
			if (limit < 1) {
				throw new IllegalArgumentException("At least one is to be listed, but the limit is " + limit);
			}
			this.held = new Oldest<>(limit);
			this.waiting = new Oldest<>(limit);
		}

		void add(Standing standing) {
			Place head = standing.head();
			int position = 0;
			if (!(head.occupant() instanceof EngineHold hold)) {
				position++;
				addWaiting(head, position, true);
			}
			else if (hold.isUnended()) {
				this.held.offer(hold.sinceNanoTime(), () -> hold.toHeldLock(standing.count()));
			}
			List<Place> followers = standing.followers();
			for (Place follower : followers) {
				position++;
				addWaiting(follower, position, false);
			}
			this.waiting.skip(standing.count() - followers.size());
		}

		private void addWaiting(Place place, int position, boolean inStore) {
			this.waiting.offer(place.sinceNanoTime(), () -> place.toWaitingThread(position, inStore));
		}

		LockSnapshot toSnapshot() {
			return new LockSnapshot(this.held.list(), this.waiting.list(), this.held.count(), this.waiting.count());
		}

	}

}
