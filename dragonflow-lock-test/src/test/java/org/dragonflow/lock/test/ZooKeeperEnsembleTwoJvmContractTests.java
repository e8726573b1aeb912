package org.dragonflow.lock.test;

import java.util.Map;

import org.dragonflow.lock.test.servers.ZooKeeperEnsemble;

/**
 * Two JVMs on three ZooKeepers. The timeout of their sessions is their lease.
 */
class ZooKeeperEnsembleTwoJvmContractTests extends TwoJvmContract {

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "zookeeper", "dragonflow.lock.zookeeper.connect-string",
				ZooKeeperEnsemble.shared().connectString());
	}

}
