package org.dragonflow.lock.faults;

/**
 * Faults of Redis.
 */
class RedisFaultTests extends CrashCases {

	RedisFaultTests() {
		super(new FaultyRedis());
	}

}
