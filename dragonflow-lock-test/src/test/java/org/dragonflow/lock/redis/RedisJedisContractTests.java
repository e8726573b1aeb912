package org.dragonflow.lock.redis;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterAll;

/**
 * The contract on one server, with the other client that Spring knows.
 */
class RedisJedisContractTests extends LockDriverContract {

	private static final RedisServer SERVER = RedisServer.shared();

	private static final RedisClients CLIENTS = new RedisClients();

	@Override
	protected LockDriver newDriver() {
		return CLIENTS.jedisDriver(RedisClients.at(SERVER.port()));
	}

	@Override
	protected void endLease(LockKey key) {
		SERVER.cli("DEL", RedisClients.lockKey(key));
	}

	@AfterAll
	static void closeConnections() throws Exception {
		CLIENTS.close();
	}

}
