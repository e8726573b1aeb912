package org.dragonflow.lock.jdbc;

/**
 * The contract kit on a database that the driver is told not to know.
 */
class PortableContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.portable();

	PortableContractTests() {
		super(DATABASE);
	}

}
