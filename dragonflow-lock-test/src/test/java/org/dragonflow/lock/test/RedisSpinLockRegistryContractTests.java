package org.dragonflow.lock.test;

import org.springframework.integration.redis.util.RedisLockRegistry.RedisLockType;

/**
 * A registry for Redis whose waiters look again after a pause.
 */
class RedisSpinLockRegistryContractTests extends RedisLockRegistryContract {

	RedisSpinLockRegistryContractTests() {
		super(RedisLockType.SPIN_LOCK);
	}

}
