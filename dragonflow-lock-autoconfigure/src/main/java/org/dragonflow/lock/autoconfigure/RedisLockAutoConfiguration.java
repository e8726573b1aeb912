package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.redis.RedisLockDriver;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.redis.connection.RedisConnectionFactory;

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
public final class RedisLockAutoConfiguration {

	@Bean
	RedisLockDriver redisLockDriver(RedisConnectionFactory factory, RedisLockProperties properties) {
		return new RedisLockDriver(factory, properties.toSettings());
	}

}
