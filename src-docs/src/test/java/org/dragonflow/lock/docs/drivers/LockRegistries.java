package org.dragonflow.lock.docs.drivers;

import javax.sql.DataSource;

import org.apache.curator.framework.CuratorFramework;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.jdbc.lock.LockRepository;
import org.springframework.integration.redis.util.RedisLockRegistry;
import org.springframework.integration.redis.util.RedisLockRegistry.RedisLockType;
import org.springframework.integration.zookeeper.lock.ZookeeperLockRegistry;

/**
 * The registries that an application may have.
 */
final class LockRegistries {

	private LockRegistries() {
	}

	/**
	 * In a database.
	 */
	@Configuration(proxyBeanMethods = false)
	static class InADatabase {

		// tag::jdbc[]
		@Bean
		DefaultLockRepository lockRepository(DataSource dataSource) {
			return new DefaultLockRepository(dataSource);
		}

		@Bean
		JdbcLockRegistry lockRegistry(LockRepository lockRepository) {
			JdbcLockRegistry registry = new JdbcLockRegistry(lockRepository);
			registry.setCacheCapacity(65_535);
			return registry;
		}
		// end::jdbc[]

	}

	/**
	 * In Redis.
	 */
	@Configuration(proxyBeanMethods = false)
	static class InRedis {

		// tag::redis[]
		@Bean
		RedisLockRegistry lockRegistry(RedisConnectionFactory connections) {
			RedisLockRegistry registry = new RedisLockRegistry(connections, "my-application");
			registry.setRedisLockType(RedisLockType.PUB_SUB_LOCK);
			return registry;
		}
		// end::redis[]

	}

	/**
	 * In ZooKeeper.
	 */
	@Configuration(proxyBeanMethods = false)
	static class InZooKeeper {

		// tag::zookeeper[]
		@Bean
		ZookeeperLockRegistry lockRegistry(CuratorFramework client) {
			return new ZookeeperLockRegistry(client, "/my-application");
		}
		// end::zookeeper[]

	}

}
