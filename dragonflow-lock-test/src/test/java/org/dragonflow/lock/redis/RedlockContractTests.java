package org.dragonflow.lock.redis;

import java.util.List;
import java.util.stream.Stream;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.LockDriverContract;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterAll;

/**
 * The contract on three independent masters.
 */
class RedlockContractTests extends LockDriverContract {

	private static final List<RedisServer> SERVERS = Stream.generate(RedisServer::start).limit(3).toList();

	private static final RedisClients CLIENTS = new RedisClients();

	@Override
	protected LockDriver newDriver() {
		return CLIENTS.redlock(SERVERS);
	}

	@Override
	protected void endLease(LockKey key) {
		SERVERS.forEach((server) -> server.cli("DEL", RedisClients.lockKey(key)));
	}

	@AfterAll
	static void stop() throws Exception {
		CLIENTS.close();
		SERVERS.forEach(RedisServer::close);
	}

}
