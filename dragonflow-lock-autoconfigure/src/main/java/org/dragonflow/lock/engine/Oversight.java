package org.dragonflow.lock.engine;

import java.util.List;

import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.FencingTokens;
import org.dragonflow.lock.engine.grant.LeaseKeeper;
import org.dragonflow.lock.engine.grant.Store;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.request.LiveSettings;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * What people ask of the locks: who has them, how their renewal goes, and to end them.
 */
record Oversight(Store store, Lines lines, LeaseKeeper keeper, LiveSettings settings, Snapshots snapshots) {

	List<RenewalStatus> renewals() {
		return this.keeper.status();
	}

	@Nullable StoredHold look(String objectId) {
		LockRecord found = this.store.look(key(objectId));
		if (found == null) {
			return null;
		}
		String owner = found.hold().owner();
		return new StoredHold(objectId, owner, FencingTokens.first(objectId, found.token()), found.age(),
				found.remaining(), owner.startsWith(this.settings.get().instance() + "/"));
	}

	/**
	 * Asks whoever holds a lock, here or elsewhere, to release it.
	 * @return whether somebody does
	 */
	boolean requestRevocation(String objectId) {
		if (this.lines.occupantOf(objectId) instanceof EngineHold local && local.isHeld()) {
			local.grant().revoke();
			return true;
		}
		LockRecord found = this.store.look(key(objectId));
		// It may be of this instance, which has not heard of its grant yet.
		return found != null && (this.keeper.revoke(found.hold()) || this.store.requestRevocation(found.hold()));
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
