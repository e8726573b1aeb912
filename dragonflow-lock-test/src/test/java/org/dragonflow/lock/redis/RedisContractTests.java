package org.dragonflow.lock.redis;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;

/**
 * The contract on one server.
 */
class RedisContractTests extends LockDriverContract {

	private final RedisServer server = RedisServer.shared();

	private final RedisClients clients = new RedisClients();

	@Override
	protected LockDriver newDriver() {
		return this.clients.driver(RedisClients.at(this.server.port()));
	}

	@Override
	protected void endLease(LockKey key) {
		this.server.cli("DEL", RedisClients.lockKey(key));
	}

	@AfterEach
	void closeConnections() throws Exception {
		this.clients.close();
	}

}
