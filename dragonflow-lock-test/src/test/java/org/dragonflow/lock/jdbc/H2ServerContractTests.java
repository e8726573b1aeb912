package org.dragonflow.lock.jdbc;

/**
 * The contract kit on H2's server.
 */
class H2ServerContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.h2Server();

	H2ServerContractTests() {
		super(DATABASE);
	}

}
