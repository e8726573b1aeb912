package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Set;

import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;

/**
 * The contract kit on the driver for one JVM.
 */
class LocalLockDriverContractTests extends LockDriverContract {

	private final LocalLockDriver store = new LocalLockDriver();

	@Override
	protected LockDriver newDriver() {
		return this.store.newClient();
	}

	@Override
	protected void endLease(LockKey key) {
		// Replaces the present lease by the shortest of all.
		this.store.renew(Set.of(record(this.store, key).hold()), Duration.ZERO);
	}

}
