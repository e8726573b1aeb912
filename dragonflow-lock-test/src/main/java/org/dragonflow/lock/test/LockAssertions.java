package org.dragonflow.lock.test;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;

/**
 * AssertJ's {@code assertThat} for locks.
 */
public final class LockAssertions {

	private LockAssertions() {
	}

	/**
	 * Assertions on who holds what in a store.
	 * @param driver any driver: the fake's, or that of the application
	 * @return the assertions, for the namespace of the fake, or the default one
	 */
	public static LockDriverAssert assertThat(@Nullable LockDriver driver) {
		return new LockDriverAssert(driver,
				(driver instanceof FakeLockDriver fake) ? fake.namespace() : LockDriverAssert.DEFAULT_NAMESPACE);
	}

	/**
	 * Assertions on a hold.
	 * @param handle what {@code acquire} or {@code held} has returned
	 * @return the assertions
	 */
	public static LockHandleAssert assertThat(@Nullable LockHandle handle) {
		return new LockHandleAssert(handle);
	}

}
