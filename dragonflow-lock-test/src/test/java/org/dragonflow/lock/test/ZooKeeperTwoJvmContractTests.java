package org.dragonflow.lock.test;

import java.util.Map;

import org.dragonflow.lock.test.servers.ZooKeeperServer;

/**
 * Two JVMs on one ZooKeeper. The timeout of their sessions is their lease.
 */
class ZooKeeperTwoJvmContractTests extends TwoJvmContract {

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "zookeeper", "dragonflow.lock.zookeeper.connect-string",
				ZooKeeperServer.shared().connectString());
	}

}
