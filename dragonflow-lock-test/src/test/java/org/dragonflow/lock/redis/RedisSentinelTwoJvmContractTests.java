package org.dragonflow.lock.redis;

import java.util.Map;

import org.dragonflow.lock.test.TwoJvmContract;
import org.dragonflow.lock.test.servers.RedisSentinels;
import org.junit.jupiter.api.AfterAll;

/**
 * Two JVMs on a master that sentinels watch over.
 */
class RedisSentinelTwoJvmContractTests extends TwoJvmContract {

	private static final RedisSentinels SENTINELS = RedisSentinels.start();

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "redis", "dragonflow.lock.redis.timeout", RedisClients.PATIENT_TIMEOUT,
				"spring.data.redis.sentinel.master", RedisSentinels.MASTER, "spring.data.redis.sentinel.nodes",
				String.join(",", SENTINELS.nodes()));
	}

	@AfterAll
	static void stop() {
		SENTINELS.close();
	}

}
