package org.dragonflow.lock.test;

import java.util.HashMap;
import java.util.Map;

import org.apache.derby.client.ClientAutoloadedDriver;
import org.dragonflow.lock.test.servers.InProcessServers;

/**
 * Two JVMs on Derby's server, in the portable way.
 */
class DerbyTwoJvmContractTests extends DatabaseTwoJvmContract {

	DerbyTwoJvmContractTests() throws Exception {
		super(InProcessServers.derby());
	}

	@Override
	protected Map<String, String> properties() {
		Map<String, String> properties = new HashMap<>(super.properties());
		// Boot knows the one that is embedded by the same kind of URL.
		properties.put("spring.datasource.driver-class-name", ClientAutoloadedDriver.class.getName());
		return properties;
	}

}
