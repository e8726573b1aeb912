package org.dragonflow.lock.test;

import org.dragonflow.lock.test.servers.InProcessServers;

/**
 * Two JVMs on HSQLDB's server, in the portable way.
 */
class HsqlDbTwoJvmContractTests extends DatabaseTwoJvmContract {

	HsqlDbTwoJvmContractTests() {
		super(InProcessServers.hsqlDb());
	}

}
