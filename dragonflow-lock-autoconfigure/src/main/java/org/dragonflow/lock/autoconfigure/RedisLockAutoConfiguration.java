package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.redis.RedisLockDriver;
import org.dragonflow.lock.redis.RedlockDriver;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration for {@code dragonflow.lock.driver=redis}: locks in the application's
 * Redis.
 */
@AutoConfiguration(before = DragonflowLockAutoConfiguration.class, after = DataRedisAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "dragonflow.lock.driver", havingValue = "redis")
@ConditionalOnClass({ RedisConnectionFactory.class, DataRedisAutoConfiguration.class })
@ConditionalOnMissingBean(LockDriver.class)
@ConditionalOnSingleCandidate(RedisConnectionFactory.class)
@EnableConfigurationProperties(RedisLockProperties.class)
@ImportRuntimeHints(LockRuntimeHints.Redis.class)
public final class RedisLockAutoConfiguration {

	@Bean
	LockDriver redisLockDriver(RedisConnectionFactory factory, RedisLockProperties properties) {
		if (properties.getNodes().isEmpty()) {
			return new RedisLockDriver(factory, properties.toSettings());
		}
		if (!ClassUtils.isPresent("io.lettuce.core.RedisClient", getClass().getClassLoader())) {
			throw needsLettuce(properties);
		}
		return Redlock.driver(factory, properties);
	}

	private static RuntimeException needsLettuce(RedisLockProperties properties) {
		return new InvalidConfigurationPropertyValueException("dragonflow.lock.redis.nodes", properties.getNodes(),
				"needs the Lettuce client, which asks all nodes at the same time. Use it, or remove the nodes");
	}

	/**
	 * Keeps Lettuce's classes away from applications without it.
	 */
	static final class Redlock {

		private Redlock() {
		}

		static LockDriver driver(RedisConnectionFactory factory, RedisLockProperties properties) {
			if (!(factory instanceof LettuceConnectionFactory lettuce)) {
				throw needsLettuce(properties);
			}
			return RedlockDriver.like(lettuce, properties.toNodes(), properties.toSettings());
		}

	}

}
