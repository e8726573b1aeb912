package org.dragonflow.lock.redis;

import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

import io.lettuce.core.ClientOptions;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.RedisServer;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Drivers with connections of their own, as other processes have them.
 */
final class RedisClients implements AutoCloseable {

	/**
	 * For a JVM that has just started, whose first connection takes its time on a busy
	 * machine.
	 */
	static final String PATIENT_TIMEOUT = "10s";

	static final String PREFIX = RedisLockSettings.defaults().keyPrefix();

	private final Deque<AutoCloseable> opened = new ConcurrentLinkedDeque<>();

	/**
	 * A driver as an application has it.
	 */
	LockDriver driver(RedisConfiguration configuration) {
		return driver(factory(configuration));
	}

	LockDriver driver(RedisConnectionFactory factory) {
		return kept(new RedisLockDriver(factory, RedisLockSettings.defaults()));
	}

	/**
	 * A driver whose connections do not come back: as those of a process that dies.
	 */
	LockDriver mortalDriver(RedisConfiguration configuration) {
		return kept(new RedisLockDriver(factory(configuration,
				LettuceClientConfiguration.builder()
					.clientOptions(ClientOptions.builder().autoReconnect(false).build())
					.build()),
				RedisLockSettings.defaults()));
	}

	/**
	 * A driver as an application has it that has chosen Jedis.
	 */
	LockDriver jedisDriver(RedisStandaloneConfiguration configuration) {
		JedisConnectionFactory factory = new JedisConnectionFactory(configuration);
		factory.afterPropertiesSet();
		this.opened.addFirst(factory::destroy);
		return kept(new RedisLockDriver(factory, RedisLockSettings.defaults()));
	}

	/**
	 * A driver for independent masters.
	 */
	RedlockDriver redlock(List<RedisServer> servers) {
		return kept(new RedlockDriver(servers.stream().map((server) -> factory(at(server.port()))).toList(),
				RedisLockSettings.defaults()));
	}

	LettuceConnectionFactory factory(RedisConfiguration configuration) {
		return factory(configuration, LettuceClientConfiguration.defaultConfiguration());
	}

	private LettuceConnectionFactory factory(RedisConfiguration configuration, LettuceClientConfiguration client) {
		return started(new LettuceConnectionFactory(configuration, client));
	}

	LettuceConnectionFactory started(LettuceConnectionFactory factory) {
		factory.afterPropertiesSet();
		this.opened.addFirst(factory::destroy);
		return factory;
	}

	private <T extends LockDriver> T kept(T driver) {
		// The last one opened is closed first: a driver before its connections.
		this.opened.addFirst(driver);
		return driver;
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
