package org.dragonflow.lock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import org.dragonflow.lock.redis.RedisLockSettings;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.data.redis.connection.RedisNode;

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

	/**
	 * Independent masters for the Redlock algorithm, each as "host:port": 3, 5 or another
	 * odd number. The user, the password, SSL and all else are those of the application's
	 * connection. By default the locks are where that connection leads.
	 */
	private List<String> nodes = new ArrayList<>();

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

	public List<String> getNodes() {
		return this.nodes;
	}

	public void setNodes(List<String> nodes) {
		this.nodes = nodes;
	}

	/**
	 * The nodes with their ports, checked.
	 */
	List<RedisNode> toNodes() {
		if (this.nodes.size() < 3 || this.nodes.size() % 2 == 0) {
			throw new InvalidConfigurationPropertyValueException("dragonflow.lock.redis.nodes", this.nodes,
					"must be 3, 5 or another odd number of independent masters");
		}
		if (Set.copyOf(this.nodes).size() < this.nodes.size()) {
			throw new InvalidConfigurationPropertyValueException("dragonflow.lock.redis.nodes", this.nodes,
					"must name each master once");
		}
		try {
			return this.nodes.stream().map(RedisNode::fromString).toList();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException("dragonflow.lock.redis.nodes", this.nodes,
					String.valueOf(ex.getMessage()));
		}
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
