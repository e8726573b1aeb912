package org.dragonflow.lock.redis;

import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.RedisServer;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Drivers with connections of their own, as other processes have them.
 */
final class RedisClients implements AutoCloseable {

	static final String PREFIX = RedisLockSettings.defaults().keyPrefix();

	private final List<AutoCloseable> opened = new ArrayList<>();

	/**
	 * A driver as an application has it.
	 */
	LockDriver driver(RedisConfiguration configuration) {
		return new RedisLockDriver(factory(configuration), RedisLockSettings.defaults());
	}

	/**
	 * A driver for independent masters.
	 */
	RedlockDriver redlock(List<RedisServer> servers) {
		return new RedlockDriver(servers.stream().map((server) -> factory(at(server.port()))).toList(),
				RedisLockSettings.defaults());
	}

	LettuceConnectionFactory factory(RedisConfiguration configuration) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration,
				LettuceClientConfiguration.defaultConfiguration());
		factory.afterPropertiesSet();
		this.opened.add(factory::destroy);
		return factory;
	}

	static RedisStandaloneConfiguration at(int port) {
		return new RedisStandaloneConfiguration("127.0.0.1", port);
	}

	/**
	 * The name of the key that is a lock.
	 */
	static String lockKey(LockKey key) {
		return new RedisKeys(PREFIX).lock(key);
	}

	@Override
	public void close() throws Exception {
		for (AutoCloseable closeable : this.opened) {
			closeable.close();
		}
		this.opened.clear();
	}

}
