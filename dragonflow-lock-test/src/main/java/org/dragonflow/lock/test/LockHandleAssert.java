package org.dragonflow.lock.test;

import org.assertj.core.api.AbstractAssert;
import org.dragonflow.lock.LockHandle;
import org.jspecify.annotations.Nullable;

/**
 * Assertions on a hold, by what its holder knows.
 */
public final class LockHandleAssert extends AbstractAssert<LockHandleAssert, LockHandle> {

	LockHandleAssert(@Nullable LockHandle actual) {
		super(actual, LockHandleAssert.class);
	}

	/**
	 * All ids of the handle are held.
	 * @return this
	 */
	public LockHandleAssert isHeld() {
		isNotNull();
		if (!this.actual.isHeld()) {
			failWithMessage("Expected %s to be held, but it is not", this.actual.objectIds());
		}
		return this;
	}

	/**
	 * The hold has ended: by release or by loss.
	 * @return this
	 */
	public LockHandleAssert isNotHeld() {
		isNotNull();
		if (this.actual.isHeld()) {
			failWithMessage("Expected %s not to be held, but it is, for another %s", this.actual.objectIds(),
					this.actual.remaining());
		}
		return this;
	}

	/**
	 * The handle's hold came after another's of the same id: a resource that compares
	 * tokens takes it, and refuses the other.
	 * @param earlier a handle on the same single id
	 * @return this
	 */
	public LockHandleAssert isFencedAfter(LockHandle earlier) {
		isNotNull();
		if (this.actual.fencingToken() <= earlier.fencingToken()) {
			failWithMessage("Expected the fencing token %s of %s to be higher than %s", this.actual.fencingToken(),
					this.actual.objectIds(), earlier.fencingToken());
		}
		return this;
	}

}
