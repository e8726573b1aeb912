package org.dragonflow.lock.jdbc;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;

/**
 * The contract kit on one database, which all cases share.
 */
abstract class DatabaseContract extends LockDriverContract {

	private final TestDatabase database;

	DatabaseContract(TestDatabase database) {
		this.database = database;
	}

	@Override
	protected LockDriver newDriver() {
		return this.database.driver();
	}

	@Override
	protected void endLease(LockKey key) {
		this.database.expire(key.name());
	}

}
