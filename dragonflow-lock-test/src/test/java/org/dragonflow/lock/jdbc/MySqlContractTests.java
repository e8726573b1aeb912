package org.dragonflow.lock.jdbc;

/**
 * The contract kit on MySQL's dialect, with MySQL's own client.
 */
class MySqlContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.mySql();

	MySqlContractTests() {
		super(DATABASE);
	}

}
