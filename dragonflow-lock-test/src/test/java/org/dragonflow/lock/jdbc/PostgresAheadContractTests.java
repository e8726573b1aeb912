package org.dragonflow.lock.jdbc;

import org.dragonflow.lock.spi.LockDriver;

/**
 * The contract kit on PostgreSQL with grants that do not wait for the disk.
 */
class PostgresAheadContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.postgres();

	PostgresAheadContractTests() {
		super(DATABASE);
	}

	@Override
	protected LockDriver newDriver() {
		return JdbcLockDriver.beside(DATABASE.dataSource(), DATABASE.ahead(), 4);
	}

}
