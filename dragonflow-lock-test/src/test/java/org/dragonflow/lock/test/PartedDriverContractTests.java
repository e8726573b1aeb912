package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Set;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;

/**
 * The contract kit on a driver whose store has parts, all of them well.
 */
class PartedDriverContractTests extends LockDriverContract {

	private final PartedStore store = new PartedStore();

	@Override
	protected LockDriver newDriver() {
		return new PartedDriver(this.store);
	}

	@Override
	protected void endLease(LockKey key) {
		// Replaces the present lease by the shortest of all.
		this.bob.renew(Set.of(record(this.bob, key).hold()), Duration.ZERO);
	}

}
