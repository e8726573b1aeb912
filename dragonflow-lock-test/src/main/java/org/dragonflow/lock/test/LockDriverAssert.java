package org.dragonflow.lock.test;

import java.time.Duration;

import org.assertj.core.api.AbstractAssert;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;

/**
 * Assertions on who holds what in a store, by its records.
 */
public final class LockDriverAssert extends AbstractAssert<LockDriverAssert, LockDriver> {

	static final String DEFAULT_NAMESPACE = "dragonflow";

	private final String namespace;

	LockDriverAssert(@Nullable LockDriver actual, String namespace) {
		super(actual, LockDriverAssert.class);
		this.namespace = namespace;
	}

	/**
	 * Looks into another namespace than {@code dragonflow}, or that of the fake.
	 * @param namespace the application's {@code dragonflow.lock.namespace}
	 * @return assertions on the same store
	 */
	public LockDriverAssert inNamespace(String namespace) {
		return new LockDriverAssert(this.actual, namespace);
	}

	/**
	 * Somebody holds a lock.
	 * @param objectId what is held
	 * @return this
	 */
	public LockDriverAssert isHeld(String objectId) {
		recordOf(objectId);
		return this;
	}

	/**
	 * Nobody holds a lock.
	 * @param objectId what is free
	 * @return this
	 */
	public LockDriverAssert isFree(String objectId) {
		LockRecord record = find(objectId);
		if (record != null) {
			failWithMessage("Expected nobody to hold '%s', but %s does", objectId, describe(record));
		}
		return this;
	}

	/**
	 * A handle's hold is the one that the store has, by its fencing token.
	 * @param objectId what is held
	 * @param handle whose hold it is to be
	 * @return this
	 */
	public LockDriverAssert isHeldBy(String objectId, LockHandle handle) {
		LockRecord record = recordOf(objectId);
		// A grant's token stands for all holds that it is handed over to.
		long grant = handle.fencingToken(objectId) / (HandOver.LARGEST_COUNT + 1);
		if (!handle.isHeld() || record.token() != grant) {
			failWithMessage("Expected '%s' to be held with the fencing token %s, but %s holds it", objectId,
					handle.fencingToken(objectId), describe(record));
		}
		return this;
	}

	/**
	 * Another than a handle's hold is the one that the store has.
	 * @param objectId what is held
	 * @param handle whose hold it is not to be
	 * @return this
	 */
	public LockDriverAssert isHeldByAnotherThan(String objectId, LockHandle handle) {
		LockRecord record = recordOf(objectId);
		if (record.token() == handle.fencingToken(objectId) / (HandOver.LARGEST_COUNT + 1)) {
			failWithMessage("Expected another to hold '%s', but it is held with the fencing token %s", objectId,
					handle.fencingToken(objectId));
		}
		return this;
	}

	private LockRecord recordOf(String objectId) {
		LockRecord record = find(objectId);
		if (record == null) {
			throw failure("Expected somebody to hold '%s' in the namespace '%s', but nobody does", objectId,
					this.namespace);
		}
		return record;
	}

	private @Nullable LockRecord find(String objectId) {
		isNotNull();
		LockRecord record = this.actual.look(new LockKey(this.namespace, objectId));
		return (record != null && !record.remaining().isZero()) ? record : null;
	}

	private static String describe(LockRecord record) {
		Duration age = record.age();
		return record.hold().owner() + " (for " + age.toMillis() + " ms)";
	}

}
