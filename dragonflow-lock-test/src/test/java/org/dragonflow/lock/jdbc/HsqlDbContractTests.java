package org.dragonflow.lock.jdbc;

/**
 * The contract kit on HSQLDB in this JVM's memory.
 */
class HsqlDbContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.hsqlDb();

	HsqlDbContractTests() {
		super(DATABASE);
	}

}
