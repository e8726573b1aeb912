package org.dragonflow.lock.test;

import org.springframework.integration.redis.util.RedisLockRegistry.RedisLockType;

/**
 * A registry for Redis whose waiters are told of a release.
 */
class RedisPubSubLockRegistryContractTests extends RedisLockRegistryContract {

	RedisPubSubLockRegistryContractTests() {
		super(RedisLockType.PUB_SUB_LOCK);
	}

}
