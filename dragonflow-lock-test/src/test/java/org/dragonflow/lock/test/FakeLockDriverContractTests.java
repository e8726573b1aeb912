package org.dragonflow.lock.test;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;

/**
 * The fake is a driver like any other.
 */
class FakeLockDriverContractTests extends LockDriverContract {

	private final FakeLockDriver store = new FakeLockDriver(this.key.namespace());

	@Override
	protected LockDriver newDriver() {
		return this.store.newClient();
	}

	@Override
	protected void endLease(LockKey key) {
		this.store.expire(key.objectId());
	}

}
