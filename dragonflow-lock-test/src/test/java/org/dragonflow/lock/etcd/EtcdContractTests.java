package org.dragonflow.lock.etcd;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.EtcdServer;

/**
 * The contract kit on one etcd.
 */
class EtcdContractTests extends LockDriverContract {

	private static final TestEtcd ETCD = TestEtcd.of(EtcdServer.shared());

	@Override
	protected LockDriver newDriver() {
		return ETCD.driver();
	}

	@Override
	protected void endLease(LockKey key) throws Exception {
		ETCD.revokeHolder(key);
	}

}
