package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.FencingTokens;
import org.dragonflow.lock.engine.grant.LeaseKeeper;
import org.dragonflow.lock.engine.grant.Store;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * What people ask of the locks: who has them, how their renewal goes, and to end them.
 */
record Oversight(Store store, Lines lines, LeaseKeeper keeper, Supplier<EngineSettings> settings, Snapshots snapshots) {

	@Nullable StoredHold look(String objectId) {
		LockRecord found = this.store.look(key(objectId));
		if (found == null) {
			return null;
		}
		String owner = found.hold().owner();
		return new StoredHold(objectId, owner, FencingTokens.first(objectId, found.token()), found.age(),
				found.remaining(), owner.startsWith(this.settings.get().instance() + "/"));
	}

	boolean requestRevocation(String objectId) {
		if (this.lines.occupantOf(objectId) instanceof EngineHold local && local.isHeld()) {
			local.grant().revoke();
			return true;
		}
		LockRecord found = this.store.look(key(objectId));
		// It may be of this instance, which has not heard of its grant yet.
		return found != null && (this.keeper.revoke(found.hold()) || this.store.requestRevocation(found.hold()));
	}

	boolean breakHold(String objectId, String owner) {
		Hold hold = new Hold(key(objectId), owner);
		// A holder of this instance is told before another can have the lock.
		boolean lost = this.keeper.lose(hold, "it was broken on request");
		return this.store.breakHold(hold) || lost;
	}

	/**
	 * Who has a lock, in words that go on after "it is".
	 * @param ask whether to ask the store where it is not this JVM
	 */
	String describeHolder(LockKey key, boolean ask) {
		if (!(this.lines.occupantOf(key.objectId()) instanceof EngineHold hold)) {
			return ask ? this.store.describeHolder(key)
					: "held by another instance, or kept for one that has waited for it";
		}
		if (hold.isUnended()) {
			return "held by thread '" + hold.threadName() + "' of this instance, for "
					+ TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - hold.sinceNanoTime()) + " ms";
		}
		return "about to go to threads that have waited for it longer: this instance has just released it";
	}

	LockUnavailableException unavailable(LockKey refused, @Nullable Duration waited) {
		boolean once = (waited == null || waited.isZero());
		return new LockUnavailableException(refused.objectId(),
				"The lock on '" + refused.objectId() + "' is " + describeHolder(refused, !once)
						+ (once ? "; there was to be no wait for it" : "; the wait for it ended after " + waited));
	}

	private LockKey key(String objectId) {
		return new LockKey(this.settings.get().namespace(), objectId);
	}

}
