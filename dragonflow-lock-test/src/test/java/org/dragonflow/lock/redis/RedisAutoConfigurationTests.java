package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.RedisLockAutoConfiguration;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.servers.RedisCluster;
import org.dragonflow.lock.test.servers.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The driver as an application gets it.
 */
class RedisAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, RedisLockAutoConfiguration.class,
				DragonflowLockAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=redis", "spring.data.redis.port=" + RedisServer.shared().port());

	@Test
	void theApplicationsConnectionIsAllItTakes() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(RedisLockDriver.class).hasSingleBean(RedisConnectionFactory.class);
			assertExcludes(this.runner);
		});
	}

	@Test
	void theKeyPrefixKeepsApplicationsApart() {
		this.runner.withPropertyValues("dragonflow.lock.redis.key-prefix=other:").run((other) -> {
			DistributedLock lock = other.getBean(DistributedLock.class);
			lock.lock("net-1");
			assertThat(RedisServer.shared().cli("KEYS", "other:*net-1")).as("the lock's key")
				.endsWith("dragonflow~net-1");
			this.runner
				.run((context) -> assertThat(context.getBean(DistributedLock.class).tryLock("net-1", Duration.ZERO))
					.as("a try under another prefix")
					.isTrue());
			lock.unlock("net-1");
		});
	}

	@Test
	void theApplicationsCredentialsAndDatabaseAreUsed() {
		try (RedisServer server = RedisServer.start("--requirepass", "right")) {
			ApplicationContextRunner application = this.runner.withPropertyValues(
					"spring.data.redis.port=" + server.port(), "spring.data.redis.password=right",
					"spring.data.redis.database=3");
			assertExcludes(application);
			assertThat(server.cli("--no-auth-warning", "-a", "right", "INFO", "keyspace")).as("where the marks are")
				.contains("db3:")
				.doesNotContain("db0:");
		}
	}

	@Test
	void theApplicationsSslBundleIsUsed() {
		int port = RedisServer.freePort();
		try (RedisServer server = RedisServer.startWithTls(port)) {
			ApplicationContextRunner application = this.runner
				.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class))
				.withPropertyValues("spring.data.redis.port=" + port, "spring.data.redis.ssl.bundle=locks",
						"spring.ssl.bundle.pem.locks.truststore.certificate=file:" + server.certificate());
			assertExcludes(application);
		}
	}

	@Test
	void jedisServesAsWell() {
		ApplicationContextRunner jedis = this.runner.withPropertyValues("spring.data.redis.client-type=jedis");
		jedis.run((context) -> assertThat(context).hasSingleBean(JedisConnectionFactory.class));
		assertExcludes(jedis);
	}

	@Test
	void jedisServesWithoutLettuce() {
		assertExcludes(this.runner.withClassLoader(new FilteredClassLoader("io.lettuce")));
	}

	@Test
	void jedisServesOnACluster() {
		try (RedisCluster cluster = RedisCluster.start()) {
			assertExcludes(this.runner.withPropertyValues("spring.data.redis.client-type=jedis",
					"spring.data.redis.cluster.nodes=" + String.join(",", cluster.nodes())));
		}
	}

	@Test
	void independentMastersAreNamedByAProperty() {
		List<RedisServer> servers = Stream.generate(() -> RedisServer.start("--requirepass", "right"))
			.limit(3)
			.toList();
		try {
			ApplicationContextRunner redlock = this.runner.withPropertyValues("spring.data.redis.password=right",
					"dragonflow.lock.redis.nodes=" + servers.stream()
						.map((server) -> "127.0.0.1:" + server.port())
						.collect(Collectors.joining(",")));
			redlock.run((context) -> assertThat(context).hasSingleBean(RedlockDriver.class));
			assertExcludes(redlock);
		}
		finally {
			servers.forEach(RedisServer::close);
		}
	}

	@Test
	void aWrongNumberOfMastersIsToldAtStart() {
		this.runner.withPropertyValues("dragonflow.lock.redis.nodes=one:1,two:2")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("odd number of independent masters"));
	}

	@Test
	void independentMastersNeedLettuce() {
		this.runner
			.withPropertyValues("dragonflow.lock.redis.nodes=one:1,two:2,three:3",
					"spring.data.redis.client-type=jedis")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("needs the Lettuce client"));
	}

	@Test
	void aDriverOfTheApplicationIsUsedInstead() {
		this.runner.withBean("mine", LockDriver.class, LocalLockDriver::new)
			.run((context) -> assertThat(context).doesNotHaveBean(RedisLockDriver.class)
				.hasSingleBean(LockDriver.class));
	}

	@Test
	void anotherDriverIsChosen() {
		this.runner.withPropertyValues("dragonflow.lock.driver=other")
			.withBean(LocalLockDriver.class)
			.run((context) -> assertThat(context).doesNotHaveBean(RedisLockDriver.class));
	}

	/**
	 * Two instances of an application exclude each other, and one wakes the other.
	 */
	private static void assertExcludes(ApplicationContextRunner application) {
		application.run((first) -> application.run((second) -> {
			assertThat(first).hasNotFailed();
			DistributedLock lock = first.getBean(DistributedLock.class);
			DistributedLock other = second.getBean(DistributedLock.class);
			lock.lock("net-1");
			assertThat(other.tryLock("net-1", Duration.ZERO)).as("a try of the other").isFalse();
			CompletableFuture<Boolean> waiter = RedisTest.later(() -> {
				other.run("net-1", () -> {
				});
				return true;
			});
			RedisTest.await("the other waits").during(Duration.ofMillis(300)).until(() -> !waiter.isDone());
			lock.unlock("net-1");
			assertThat(waiter).as("the other").succeedsWithin(RedisTest.SOON);
		}));
	}

}
