package org.dragonflow.lock.redis;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.RedisCluster;
import org.junit.jupiter.api.AfterAll;

import org.springframework.data.redis.connection.RedisClusterConfiguration;

/**
 * The contract on a cluster.
 */
class RedisClusterContractTests extends LockDriverContract {

	private static final RedisCluster CLUSTER = RedisCluster.start();

	private static final RedisClients CLIENTS = new RedisClients();

	@Override
	protected LockDriver newDriver() {
		return CLIENTS.driver(new RedisClusterConfiguration(CLUSTER.nodes()));
	}

	@Override
	protected void endLease(LockKey key) {
		CLUSTER.cli("DEL", RedisClients.lockKey(key));
	}

	@AfterAll
	static void stop() throws Exception {
		CLIENTS.close();
		CLUSTER.close();
	}

}
