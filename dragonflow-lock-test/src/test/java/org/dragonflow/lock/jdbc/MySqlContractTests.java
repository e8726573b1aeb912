package org.dragonflow.lock.jdbc;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;

/**
 * The contract kit on MySQL's dialect, with MySQL's own client.
 */
class MySqlContractTests extends LockDriverContract {

	private static final TestDatabase DATABASE = TestDatabase.mySql();

	@Override
	protected LockDriver newDriver() {
		return DATABASE.driver();
	}

	@Override
	protected void endLease(LockKey key) {
		DATABASE.expire(key.name());
	}

}
