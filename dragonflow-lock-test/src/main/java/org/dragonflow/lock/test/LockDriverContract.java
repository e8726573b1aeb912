package org.dragonflow.lock.test;

import java.time.Duration;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;

/**
 * The contract of {@link LockDriver}, as tests. The author of a driver extends this class
 * in a test class, overrides two methods, and inherits all cases:
 *
 * <pre>{@code
 * class MyLockDriverTests extends LockDriverContract {
 *
 *     protected LockDriver newDriver() {
 *         return new MyLockDriver(connect(SERVER));
 *     }
 *
 *     protected void endLease(LockKey key) {
 *         SERVER.execute("expire " + key.name() + " now");
 *     }
 *
 * }
 * }</pre>
 *
 * Run it on a real store: a mock keeps no promise. The cases use keys that nobody else
 * uses, so that one store can serve all of them, also at the same time. Each case gets an
 * instance of the class of its own, and closes the drivers that it made.
 * <p>
 * Half of the cases talk to the driver, the other half to applications' view of it: the
 * lock's engine over the driver, twice. {@link TwoJvmContract} has the cases that take
 * two JVMs.
 */
public abstract class LockDriverContract extends RevocationCases {

	/**
	 * For use by subclasses, which JUnit instantiates.
	 */
	protected LockDriverContract() {
	}

	/**
	 * Creates a driver as another process would: with connections of its own, and the
	 * same store as all others that this method returns. The kit closes it.
	 * @return a new driver, never one that was returned before
	 * @throws Exception if that fails; the case fails then
	 */
	@Override
	protected abstract LockDriver newDriver() throws Exception;

	/**
	 * Makes the present lease of a key end now, as if its time had run out, without the
	 * help of the driver under test: by setting its expiry into the past, by revoking the
	 * lease, by ending the session. The store may or may not tell anybody.
	 * @param key a key that is held
	 * @throws Exception if that fails; the case fails then
	 */
	@Override
	protected abstract void endLease(LockKey key) throws Exception;

	/**
	 * A short lease, for the cases that wait until it ends by itself, or keep it alive
	 * for several times its length. To be overridden where the store has a longer minimum
	 * or a coarser clock.
	 * @return one second, unless overridden
	 */
	@Override
	protected Duration shortLease() {
		return Duration.ofSeconds(1);
	}

	/**
	 * How long a case waits for what must come soon, before it fails. It must be shorter
	 * than a minute, and longer than the slowest wake-up of a waiter on a busy machine.
	 * @return twenty seconds, unless overridden
	 */
	@Override
	protected Duration patience() {
		return Duration.ofSeconds(20);
	}

}
