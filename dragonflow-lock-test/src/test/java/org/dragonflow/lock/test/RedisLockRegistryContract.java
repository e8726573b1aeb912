package org.dragonflow.lock.test;

import org.dragonflow.lock.registry.RegistryLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.RedisServer;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.integration.redis.util.RedisLockRegistry;
import org.springframework.integration.redis.util.RedisLockRegistry.RedisLockType;

/**
 * The cases that apply, on Spring Integration's registry for Redis.
 */
abstract class RedisLockRegistryContract extends LockRegistryContract {

	private static final String REGISTRY_KEY = "contract-kit-registry";

	private final RedisLockType type;

	RedisLockRegistryContract(RedisLockType type) {
		this.type = type;
	}

	@Override
	protected LockDriver newDriver() {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration("127.0.0.1", RedisServer.shared().port()));
		connections.afterPropertiesSet();
		connections.start();
		RedisLockRegistry registry = new RedisLockRegistry(connections, REGISTRY_KEY);
		registry.setRedisLockType(this.type);
		return new DelegatingDriver(new RegistryLockDriver(registry)) {

			@Override
			public void close() {
				super.close();
				// As an application does it, in which the driver depends on the registry.
				registry.destroy();
				connections.destroy();
			}

		};
	}

	@Override
	protected void endLease(LockKey key) {
		RedisServer.shared().cli("DEL", REGISTRY_KEY + ":" + key.name());
	}

}
