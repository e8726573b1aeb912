package org.dragonflow.lock.redis;

import java.util.Set;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.RedisSentinels;
import org.junit.jupiter.api.AfterAll;

import org.springframework.data.redis.connection.RedisSentinelConfiguration;

/**
 * The contract on a master that sentinels watch over.
 */
class RedisSentinelContractTests extends LockDriverContract {

	private static final RedisSentinels SENTINELS = RedisSentinels.start();

	private static final RedisClients CLIENTS = new RedisClients();

	@Override
	protected LockDriver newDriver() {
		return CLIENTS.driver(new RedisSentinelConfiguration(RedisSentinels.MASTER, Set.copyOf(SENTINELS.nodes())));
	}

	@Override
	protected void endLease(LockKey key) {
		SENTINELS.master().cli("DEL", RedisClients.lockKey(key));
	}

	@AfterAll
	static void stop() throws Exception {
		CLIENTS.close();
		SENTINELS.close();
	}

}
