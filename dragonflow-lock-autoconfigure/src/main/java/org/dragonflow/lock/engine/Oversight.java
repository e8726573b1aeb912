package org.dragonflow.lock.engine;

import java.util.List;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * What people ask of the locks: who has them, how their renewal goes, and to end them.
 */
final class Oversight {

	private final Store store;

	private final LocalQueues queues;

	private final LeaseKeeper keeper;

	private final LiveSettings settings;

	private final Snapshots snapshots;

	Oversight(Store store, LocalQueues queues, LeaseKeeper keeper, LiveSettings settings) {
		this.store = store;
		this.queues = queues;
		this.keeper = keeper;
		this.settings = settings;
		this.snapshots = new Snapshots(queues);
	}

	Snapshots snapshots() {
		return this.snapshots;
	}

	List<RenewalStatus> renewals() {
		return this.keeper.status();
	}

	@Nullable StoredHold look(String objectId) {
		LockRecord found = this.store.look(key(objectId));
		if (found == null) {
			return null;
		}
		String owner = found.hold().owner();
		return new StoredHold(objectId, owner, FencingTokens.first(found.token()), found.age(), found.remaining(),
				owner.startsWith(this.settings.get().instance() + "/"));
	}

	/**
	 * Asks whoever holds a lock, here or elsewhere, to release it.
	 * @return whether somebody does
	 */
	boolean requestRevocation(String objectId) {
		EngineHold local = this.queues.holdOf(objectId);
		if (local != null && local.isHeld()) {
			this.keeper.revoke(local);
			return true;
		}
		return this.store.requestRevocation(key(objectId));
	}

	/**
	 * Takes a hold away.
	 * @return whether there was such a hold
	 */
	boolean breakHold(String objectId, String owner) {
		Hold hold = new Hold(key(objectId), owner);
		// A holder of this instance is told before another can have the lock.
		boolean lost = this.keeper.lose(hold, "it was broken on request");
		return this.store.breakHold(hold) || lost;
	}

	private LockKey key(String objectId) {
		return new LockKey(this.settings.get().namespace(), objectId);
	}

}
