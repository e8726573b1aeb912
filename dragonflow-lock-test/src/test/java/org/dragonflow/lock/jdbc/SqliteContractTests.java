package org.dragonflow.lock.jdbc;

/**
 * The contract kit on SQLite, in a file.
 */
class SqliteContractTests extends DatabaseContract {

	private static final TestDatabase DATABASE = TestDatabase.sqlite();

	SqliteContractTests() {
		super(DATABASE);
	}

}
