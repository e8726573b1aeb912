package org.dragonflow.lock.test;

import java.util.Map;

import org.dragonflow.lock.test.servers.ZooKeeperEnsemble;
import org.junit.jupiter.api.AfterAll;

/**
 * Two JVMs on three ZooKeepers. The timeout of their sessions is their lease.
 */
class ZooKeeperEnsembleTwoJvmContractTests extends TwoJvmContract {

	private static final ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.start();

	@AfterAll
	static void stopEnsemble() {
		ensemble.close();
	}

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "zookeeper", "dragonflow.lock.zookeeper.connect-string",
				ensemble.connectString());
	}

}
