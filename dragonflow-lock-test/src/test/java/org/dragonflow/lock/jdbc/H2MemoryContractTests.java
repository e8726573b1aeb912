package org.dragonflow.lock.jdbc;

/**
 * The contract kit on H2 in this JVM's memory.
 */
class H2MemoryContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.h2Memory();

	H2MemoryContractTests() {
		super(DATABASE);
	}

}
