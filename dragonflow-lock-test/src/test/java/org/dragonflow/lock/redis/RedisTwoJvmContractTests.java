package org.dragonflow.lock.redis;

import java.util.Map;

import org.dragonflow.lock.test.TwoJvmContract;
import org.dragonflow.lock.test.servers.RedisServer;

/**
 * Two JVMs on one server.
 */
class RedisTwoJvmContractTests extends TwoJvmContract {

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "redis", "dragonflow.lock.redis.timeout", RedisClients.PATIENT_TIMEOUT,
				"spring.data.redis.host", "127.0.0.1", "spring.data.redis.port",
				String.valueOf(RedisServer.shared().port()));
	}

}
