package org.dragonflow.lock.jdbc;

/**
 * The contract kit on MariaDB.
 */
class MariaDbContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.mariaDb();

	MariaDbContractTests() {
		super(DATABASE);
	}

}
