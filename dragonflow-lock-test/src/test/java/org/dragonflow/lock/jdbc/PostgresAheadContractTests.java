package org.dragonflow.lock.jdbc;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;

/**
 * The contract kit on PostgreSQL with grants that do not wait for the disk.
 */
class PostgresAheadContractTests extends LockDriverContract {

	private static final TestDatabase DATABASE = TestDatabase.postgres();

	@Override
	protected LockDriver newDriver() {
		return JdbcLockDriver.beside(DATABASE.dataSource(), DATABASE.ahead(), 4);
	}

	@Override
	protected void endLease(LockKey key) {
		DATABASE.expire(key.name());
	}

}
