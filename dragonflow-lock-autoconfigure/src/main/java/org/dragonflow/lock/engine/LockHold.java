package org.dragonflow.lock.engine;

import java.time.Duration;

import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * A lock that this instance has, or had. What is asked may be asked by any thread, at any
 * time.
 */
public interface LockHold {

	/**
	 * What is held.
	 * @return the key
	 */
	LockKey key();

	/**
	 * The owner's name in the store's record: instance and a number of the grant, which
	 * is passed on when the lock is handed over.
	 * @return the owner, as people see it by a look at the store
	 */
	String owner();

	/**
	 * The fencing token, which names this hold for ever.
	 * @return the token, or 0 if the driver mints none
	 */
	long fencingToken();

	/**
	 * What it was taken for.
	 * @return the same object that observers were told of as a wait
	 */
	LockWait request();

	/**
	 * What the request says about its purpose.
	 * @return its label, null if it has none
	 */
	default @Nullable String label() {
		return request().label();
	}

	/**
	 * Who has taken it.
	 * @return the name of the thread
	 */
	default String threadName() {
		return request().threadName();
	}

	/**
	 * How long it outlives a crash of this instance.
	 * @return the lease
	 */
	Duration lease();

	/**
	 * Whether it came from another thread of this instance, not from the store.
	 * @return true if it was handed over
	 */
	boolean isHandedOver();

	/**
	 * For how long it is held.
	 * @return the time since it was granted or handed over, also after its end
	 */
	Duration age();

	/**
	 * How long its holder may rely on it, unless it is renewed.
	 * @return the time until its deadline, zero if that has passed
	 */
	Duration remaining();

}
