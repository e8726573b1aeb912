package org.dragonflow.lock.jdbc;

/**
 * The contract kit on PostgreSQL.
 */
class PostgresContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.postgres();

	PostgresContractTests() {
		super(DATABASE);
	}

}
