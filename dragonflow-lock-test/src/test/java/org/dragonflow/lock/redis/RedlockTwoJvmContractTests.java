package org.dragonflow.lock.redis;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.dragonflow.lock.test.TwoJvmContract;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.AfterAll;

/**
 * Two JVMs on three independent masters.
 */
class RedlockTwoJvmContractTests extends TwoJvmContract {

	private static final List<RedisServer> SERVERS = Stream.generate(RedisServer::start).limit(3).toList();

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "redis", "dragonflow.lock.redis.timeout", RedisClients.PATIENT_TIMEOUT,
				"dragonflow.lock.redis.nodes",
				SERVERS.stream().map((server) -> "127.0.0.1:" + server.port()).collect(Collectors.joining(",")));
	}

	@AfterAll
	static void stop() {
		SERVERS.forEach(RedisServer::close);
	}

}
