package org.dragonflow.lock.etcd;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.EtcdCluster;

/**
 * The contract kit on three members of etcd.
 */
class EtcdClusterContractTests extends LockDriverContract {

	private static final TestEtcd ETCD = TestEtcd.of(EtcdCluster.shared(), TestEtcd.TIMEOUT);

	@Override
	protected LockDriver newDriver() {
		return ETCD.driver();
	}

	@Override
	protected void endLease(LockKey key) throws Exception {
		ETCD.revokeHolder(key);
	}

}
