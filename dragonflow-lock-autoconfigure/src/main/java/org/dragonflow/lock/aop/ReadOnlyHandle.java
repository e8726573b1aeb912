package org.dragonflow.lock.aop;

import java.time.Duration;
import java.util.Set;

import org.dragonflow.lock.LockHandle;

/**
 * A look at a hold that ends with the work, and not by whoever looks.
 *
 * @param hold the handle to look at
 */
record ReadOnlyHandle(LockHandle hold) implements LockHandle {

	@Override
	public Set<String> objectIds() {
		return this.hold.objectIds();
	}

	@Override
	public long fencingToken() {
		return this.hold.fencingToken();
	}

	@Override
	public long fencingToken(String objectId) {
		return this.hold.fencingToken(objectId);
	}

	@Override
	public boolean isHeld() {
		return this.hold.isHeld();
	}

	@Override
	public Duration remaining() {
		return this.hold.remaining();
	}

	@Override
	public void onLost(Runnable action) {
		this.hold.onLost(action);
	}

	@Override
	public void onRevocation(Runnable action) {
		this.hold.onRevocation(action);
	}

	@Override
	public void close() {
		throw new IllegalStateException(
				"This handle is for looking at a hold; the hold ends with what the method returned");
	}

	@Override
	public String toString() {
		return this.hold.toString();
	}

}
