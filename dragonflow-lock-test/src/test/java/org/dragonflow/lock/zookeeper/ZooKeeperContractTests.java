package org.dragonflow.lock.zookeeper;

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

	@Override
	protected void endLease(LockKey key) throws Exception {
		try (CuratorFramework admin = TestClients.connect(CONNECT_STRING, TestClients.LONG_SESSION)) {
			TestClients.deleteHolder(admin, key);
		}
	}

}
