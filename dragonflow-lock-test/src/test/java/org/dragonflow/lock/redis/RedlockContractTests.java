package org.dragonflow.lock.redis;

import java.time.Duration;
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

	// Each server has a tenth of the lease to answer, which a busy machine may need.
	@Override
	protected Duration shortLease() {
		return Duration.ofSeconds(4);
	}

}
