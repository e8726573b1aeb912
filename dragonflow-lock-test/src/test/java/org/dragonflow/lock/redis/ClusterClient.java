package org.dragonflow.lock.redis;

import java.util.List;

import org.dragonflow.lock.spi.LockDriver;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The clients of Redis that an application may have for a cluster.
 */
enum ClusterClient {

	LETTUCE {
		@Override
		RedisConnectionFactory connect(RedisClusterConfiguration configuration) {
			LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration);
			factory.afterPropertiesSet();
			return factory;
		}
	},

	JEDIS {
		@Override
		RedisConnectionFactory connect(RedisClusterConfiguration configuration) {
			JedisConnectionFactory factory = new JedisConnectionFactory(configuration);
			factory.afterPropertiesSet();
			return factory;
		}
	};

	abstract RedisConnectionFactory connect(RedisClusterConfiguration configuration);

	/**
	 * A driver for as long as this JVM lives.
	 */
	LockDriver driver(List<String> nodes) {
		return new RedisLockDriver(connect(new RedisClusterConfiguration(nodes)), RedisLockSettings.defaults());
	}

}
