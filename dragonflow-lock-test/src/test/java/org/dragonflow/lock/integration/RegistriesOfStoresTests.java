package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.UUID;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.RegistryLockAutoConfiguration;
import org.dragonflow.lock.test.servers.RedisServer;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.integration.redis.util.RedisLockRegistry;
import org.springframework.integration.zookeeper.lock.ZookeeperLockRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Two applications that have Spring Integration's registry for Redis or ZooKeeper, and
 * take it as their driver.
 */
@Timeout(120)
class RegistriesOfStoresTests {

	private final String id = UUID.randomUUID().toString();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(RegistryLockAutoConfiguration.class, DragonflowLockAutoConfiguration.class))
		.withBean(Service.class)
		.withPropertyValues("dragonflow.lock.driver=registry");

	@ParameterizedTest
	@ValueSource(classes = { OnRedis.class, OnZooKeeper.class })
	void theAnnotationAndTheApiWork(Class<?> registry) {
		ApplicationContextRunner application = this.runner.withUserConfiguration(registry);
		application.run((one) -> application.run((two) -> {
			DistributedLock other = two.getBean(DistributedLock.class);
			assertThat(one.getBean(Service.class).isFreeMeanwhile(this.id, other))
				.as("Whether another application has the lock while the method runs")
				.isFalse();
			assertThat(other.tryLock(this.id, Duration.ZERO)).as("A try after the method").isTrue();
			LockHandle held = other.held(this.id);
			assertThat(held).as("The hold").isNotNull();
			assertThatIllegalStateException().as("Asking for its token")
				.isThrownBy(held::fencingToken)
				.withMessageContaining("the driver in use mints none");
			other.unlock(this.id);
		}));
	}

	public static class Service {

		@NbLocked("#id")
		public boolean isFreeMeanwhile(String id, DistributedLock other) throws InterruptedException {
			return other.tryLock(id, Duration.ZERO);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnRedis {

		@Bean
		LettuceConnectionFactory connections() {
			return new LettuceConnectionFactory(
					new RedisStandaloneConfiguration("127.0.0.1", RedisServer.shared().port()));
		}

		@Bean
		RedisLockRegistry lockRegistry(RedisConnectionFactory connections) {
			return new RedisLockRegistry(connections, "registries-of-stores");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnZooKeeper {

		@Bean(initMethod = "start")
		CuratorFramework client() {
			return CuratorFrameworkFactory.newClient(ZooKeeperServer.shared().connectString(), new RetryOneTime(100));
		}

		@Bean
		ZookeeperLockRegistry lockRegistry(CuratorFramework client) {
			return new ZookeeperLockRegistry(client, "/registries-of-stores");
		}

	}

}
