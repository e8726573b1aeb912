package org.dragonflow.lock.redis;

import java.util.Map;

import org.dragonflow.lock.test.TwoJvmContract;
import org.dragonflow.lock.test.servers.RedisCluster;
import org.junit.jupiter.api.AfterAll;

/**
 * Two JVMs on a cluster.
 */
class RedisClusterTwoJvmContractTests extends TwoJvmContract {

	private static final RedisCluster CLUSTER = RedisCluster.start();

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "redis", "dragonflow.lock.redis.timeout", RedisClients.PATIENT_TIMEOUT,
				"spring.data.redis.cluster.nodes", String.join(",", CLUSTER.nodes()));
	}

	@AfterAll
	static void stop() {
		CLUSTER.close();
	}

}
