package org.dragonflow.lock.test;

import org.dragonflow.lock.test.servers.H2Server;

/**
 * Two JVMs on H2's server.
 */
class H2TwoJvmContractTests extends DatabaseTwoJvmContract {

	H2TwoJvmContractTests() {
		super(H2Server.shared());
	}

}
