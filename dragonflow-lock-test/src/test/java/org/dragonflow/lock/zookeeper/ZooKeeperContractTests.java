package org.dragonflow.lock.zookeeper;

import java.time.Duration;

import org.apache.curator.framework.CuratorFramework;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.ZooKeeperServer;

/**
 * The contract on one server.
 */
class ZooKeeperContractTests extends LockDriverContract {

	private static final String CONNECT_STRING = ZooKeeperServer.shared().connectString();

	@Override
	protected LockDriver newDriver() {
		return TestClients.driver(CONNECT_STRING, TestClients.LONG_SESSION);
	}

	// A client hears from a server in time if it is not stopped for a third of the lease.
	@Override
	protected Duration shortLease() {
		return Duration.ofSeconds(2);
	}

	@Override
	protected void endLease(LockKey key) throws Exception {
		try (CuratorFramework admin = TestClients.connect(CONNECT_STRING, TestClients.LONG_SESSION)) {
			TestClients.deleteHolder(admin, key);
		}
	}

}
