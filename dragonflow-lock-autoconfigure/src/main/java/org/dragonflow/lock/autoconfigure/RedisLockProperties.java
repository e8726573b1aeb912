package org.dragonflow.lock.autoconfigure;

import java.time.Duration;
import java.util.function.Supplier;

import org.dragonflow.lock.redis.RedisLockSettings;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What holds for locks in Redis.
 */
@ConfigurationProperties("dragonflow.lock.redis")
public final class RedisLockProperties {

	/**
	 * What the names of all keys and channels of the locks begin with.
	 */
	private String keyPrefix = RedisLockSettings.defaults().keyPrefix();

	/**
	 * How long to wait for the answer to a command.
	 */
	private Duration timeout = RedisLockSettings.defaults().timeout();

	public String getKeyPrefix() {
		return this.keyPrefix;
	}

	public void setKeyPrefix(String keyPrefix) {
		this.keyPrefix = keyPrefix;
	}

	public Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(Duration timeout) {
		this.timeout = timeout;
	}

	RedisLockSettings toSettings() {
		RedisLockSettings defaults = RedisLockSettings.defaults();
		check("key-prefix", this.keyPrefix, () -> new RedisLockSettings(this.keyPrefix, defaults.timeout()));
		check("timeout", this.timeout, () -> new RedisLockSettings(defaults.keyPrefix(), this.timeout));
		return new RedisLockSettings(this.keyPrefix, this.timeout);
	}

	// One at a time, so that the report names the property that is wrong.
	private static void check(String name, Object value, Supplier<RedisLockSettings> settings) {
		try {
			settings.get();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException("dragonflow.lock.redis." + name, value,
					String.valueOf(ex.getMessage()));
		}
	}

}
