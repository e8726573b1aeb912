package org.dragonflow.lock.test;

import org.dragonflow.lock.test.servers.PostgresServer;

/**
 * Two JVMs on PostgreSQL.
 */
class PostgresTwoJvmContractTests extends DatabaseTwoJvmContract {

	PostgresTwoJvmContractTests() {
		super(PostgresServer.shared());
	}

}
