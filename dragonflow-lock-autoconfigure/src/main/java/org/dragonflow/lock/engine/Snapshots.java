package org.dragonflow.lock.engine;

import java.util.List;

import org.dragonflow.lock.engine.Line.Standing;

/**
 * Looks at what is held and waited for, id by id. What one id costs does not depend on
 * how many there are, and nothing but that id is kept waiting by it.
 */
final class Snapshots {

	private final LocalQueues queues;

	Snapshots(LocalQueues queues) {
		this.queues = queues;
	}

	LockSnapshot ofAll(int limit) {
		Collected collected = new Collected(limit);
		this.queues.lookAtAll(limit, collected::add);
		return collected.toSnapshot();
	}

	LockSnapshot of(String objectId, int limit) {
		Collected collected = new Collected(limit);
		Standing standing = this.queues.look(objectId, limit);
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
			EngineHold hold = head.hold();
			int position = 0;
			if (hold == null) {
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
