package org.dragonflow.lock.test;

import org.dragonflow.lock.test.servers.MariaDbServer;

/**
 * Two JVMs on MariaDB.
 */
class MariaDbTwoJvmContractTests extends DatabaseTwoJvmContract {

	MariaDbTwoJvmContractTests() {
		super(MariaDbServer.shared());
	}

}
