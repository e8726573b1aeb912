package org.dragonflow.lock.spi;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Several requests that are sent one after the other, for a driver that cannot send them
 * together.
 */
final class OneByOne<T> {

	private final Function<T, Hold> holdOf;

	private final Map<Hold, LockStoreException> unknown = new HashMap<>();

	private @Nullable LockStoreException unreachable;

	OneByOne(Function<T, Hold> holdOf) {
		this.holdOf = holdOf;
	}

	/**
	 * Sends one, unless the store could not be reached for an earlier one: to wait as
	 * long for each of many would take too long.
	 * @return the answer, or null if it is unknown
	 */
	<A extends @Nullable Object> @Nullable A ask(T item, Supplier<A> request) {
		LockStoreException failure = this.unreachable;
		if (failure == null) {
			try {
				return request.get();
			}
			catch (LockStoreException ex) {
				failure = ex;
				this.unreachable = ex.isRefused() ? null : ex;
			}
		}
		this.unknown.put(this.holdOf.apply(item), failure);
		return null;
	}

	Map<Hold, LockStoreException> unknown() {
		return this.unknown;
	}

}
