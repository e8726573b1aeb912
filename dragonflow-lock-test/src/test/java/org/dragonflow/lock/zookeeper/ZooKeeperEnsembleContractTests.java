package org.dragonflow.lock.zookeeper;

import java.time.Duration;

import org.apache.curator.framework.CuratorFramework;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.ZooKeeperEnsemble;

/**
 * The contract on three servers, each of which has some of the clients.
 */
class ZooKeeperEnsembleContractTests extends LockDriverContract {

	private static final ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.shared();

	@Override
	protected LockDriver newDriver() {
		return TestClients.driver(ensemble.connectString(), TestClients.LONG_SESSION);
	}

	// A client hears from a server in time if it is not stopped for a third of the lease.
	@Override
	protected Duration shortLease() {
		return Duration.ofSeconds(2);
	}

	@Override
	protected void endLease(LockKey key) throws Exception {
		try (CuratorFramework admin = TestClients.connect(ensemble.connectString(), TestClients.LONG_SESSION)) {
			// The server that this client is at may be behind the one that granted.
			admin.sync().forPath("/");
			TestClients.deleteHolder(admin, key);
		}
	}

}
