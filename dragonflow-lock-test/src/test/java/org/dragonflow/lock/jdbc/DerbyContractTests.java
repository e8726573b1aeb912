package org.dragonflow.lock.jdbc;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;

/**
 * The contract kit on Derby in this JVM's memory.
 */
class DerbyContractTests extends LockDriverContract {

	private static final TestDatabase DATABASE = TestDatabase.derby();

	@Override
	protected LockDriver newDriver() {
		return DATABASE.driver();
	}

	@Override
	protected void endLease(LockKey key) {
		DATABASE.expire(key.name());
	}

}
