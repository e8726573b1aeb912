package org.dragonflow.lock.redis;

import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.ClassUtils;

/**
 * Connections to one node, made like those of the application: with its credentials, its
 * SSL bundle and its timeouts.
 *
 * @param factory gives them
 * @param close to be called when they are not needed any more
 */
record NodeConnections(RedisConnectionFactory factory, Runnable close) {

	private static final boolean LETTUCE = isPresent("io.lettuce.core.RedisClient");

	private static final boolean JEDIS = isPresent("redis.clients.jedis.Jedis");

	/**
	 * Makes connections to a node.
	 * @param node where to; null for where the application's own connections lead
	 * @return the application's own also where the client is one that nothing is known
	 * of: it chooses a node
	 */
	static NodeConnections of(RedisConnectionFactory like, @Nullable RedisNode node) {
		// Without the library, not even the question may be asked.
		if (node != null && LETTUCE && like instanceof LettuceConnectionFactory lettuce) {
			LettuceConnectionFactory made = Lettuce.connections(lettuce, node);
			// There is nothing to ask, only to listen to.
			made.setShareNativeConnection(false);
			return new NodeConnections(made, made::destroy);
		}
		if (node != null && JEDIS && like instanceof JedisConnectionFactory jedis) {
			JedisConnectionFactory made = Jedis.connections(jedis, node);
			return new NodeConnections(made, made::destroy);
		}
		return new NodeConnections(like, () -> {
		});
	}

	private static boolean isPresent(String library) {
		return ClassUtils.isPresent(library, NodeConnections.class.getClassLoader());
	}

	private static RedisStandaloneConfiguration configuration(RedisNode node, int database,
			@Nullable RedisClusterConfiguration cluster, @Nullable RedisStandaloneConfiguration standalone,
			@Nullable String password) {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(node.getRequiredHost(),
				node.getPortOr(RedisNode.DEFAULT_PORT));
		configuration.setDatabase(database);
		configuration
			.setUsername(RedisConfiguration.getUsernameOrElse((cluster != null) ? cluster : standalone, () -> null));
		configuration.setPassword(RedisPassword.of(password));
		return configuration;
	}

	/**
	 * Keeps Lettuce's classes away from applications without it.
	 */
	static final class Lettuce {

		private Lettuce() {
		}

		static LettuceConnectionFactory connections(LettuceConnectionFactory like, RedisNode node) {
			LettuceConnectionFactory made = new LettuceConnectionFactory(configuration(node, like.getDatabase(),
					like.getClusterConfiguration(), like.getStandaloneConfiguration(), like.getPassword()),
					like.getClientConfiguration());
			made.afterPropertiesSet();
			return made;
		}

	}

	/**
	 * Keeps those of Jedis away.
	 */
	static final class Jedis {

		private Jedis() {
		}

		static JedisConnectionFactory connections(JedisConnectionFactory like, RedisNode node) {
			JedisConnectionFactory made = new JedisConnectionFactory(configuration(node, like.getDatabase(),
					like.getClusterConfiguration(), like.getStandaloneConfiguration(), like.getPassword()),
					like.getClientConfiguration());
			made.afterPropertiesSet();
			return made;
		}

	}

}
