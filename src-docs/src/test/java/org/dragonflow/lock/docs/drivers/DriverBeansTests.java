package org.dragonflow.lock.docs.drivers;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.jdbc.JdbcLockDriver;
import org.dragonflow.lock.registry.RegistryLockDriver;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The beans that the drivers' pages show are those that the drivers take.
 */
class DriverBeansTests {

	@Test
	void locksMayBeInADatabaseOfTheirOwn() {
		try (ConfigurableApplicationContext context = start("jdbc", OwnDataSource.class)) {
			assertThat(context.getBean(LockDriver.class)).isInstanceOf(JdbcLockDriver.class);
			JdbcClient locks = JdbcClient
				.create(new DriverManagerDataSource("jdbc:h2:mem:locks;DB_CLOSE_DELAY=-1", "", ""));
			context.getBean(DistributedLock.class)
				.run("net-1",
						() -> assertThat(
								locks.sql("select count(*) from DRAGONFLOW_LOCK").query(Integer.class).single())
							.as("locks in the database of the locks")
							.isOne());
		}
	}

	@Test
	void locksMayBeThoseOfARegistryInADatabase() {
		try (ConfigurableApplicationContext context = start("registry", LockRegistries.InADatabase.class,
				"--spring.integration.jdbc.initialize-schema=always",
				"--spring.sql.init.schema-locations=classpath:schema.sql,classpath:org/springframework/integration/jdbc/schema-h2.sql")) {
			assertThat(context.getBean(LockDriver.class)).isInstanceOf(RegistryLockDriver.class);
			JdbcClient locks = context.getBean(JdbcClient.class);
			context.getBean(DistributedLock.class)
				.run("net-1",
						() -> assertThat(locks.sql("select count(*) from INT_LOCK").query(Integer.class).single())
							.as("locks of the registry")
							.isOne());
		}
	}

	@Test
	void theOtherRegistriesAreMadeOfAClient() {
		LettuceConnectionFactory redis = new LettuceConnectionFactory();
		assertThat(new LockRegistries.InRedis().lockRegistry(redis)).isNotNull();
		try (CuratorFramework zooKeeper = CuratorFrameworkFactory.newClient("localhost:1", new RetryOneTime(1))) {
			assertThat(new LockRegistries.InZooKeeper().lockRegistry(zooKeeper)).isNotNull();
		}
	}

	private static ConfigurableApplicationContext start(String driver, Class<?> beans, String... arguments) {
		return new SpringApplicationBuilder(Application.class, beans).web(WebApplicationType.NONE)
			.properties("dragonflow.lock.driver=" + driver, "spring.datasource.generate-unique-name=true")
			.run(arguments);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
