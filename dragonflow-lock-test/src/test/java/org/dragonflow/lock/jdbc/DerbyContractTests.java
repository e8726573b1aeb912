package org.dragonflow.lock.jdbc;

/**
 * The contract kit on Derby in this JVM's memory.
 */
class DerbyContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.derby();

	DerbyContractTests() {
		super(DATABASE);
	}

}
