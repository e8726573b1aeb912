package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;

import javax.sql.DataSource;

import org.awaitility.Awaitility;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.test.servers.Database;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.jdbc.lock.LockRepository;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * An application that has Spring Integration's registry, and takes it as its driver.
 */
@Timeout(120)
class RegistryDriverTests {

	private final Database database = new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");

	private final Applications applications = new Applications(Application.class, this.database);

	@BeforeEach
	void createTables() {
		new ResourceDatabasePopulator(new ClassPathResource("org/springframework/integration/jdbc/schema-h2.sql"))
			.execute(this.database.dataSource());
	}

	@AfterEach
	void stop() {
		this.applications.close();
	}

	@Test
	void theAnnotationAndTheApiWorkOnTheRegistryOfTheApplication() throws Exception {
		ApplicationContext one = start();
		DistributedLock two = start().getBean(DistributedLock.class);
		assertThat(one.getBean(LockRegistry.class)).as("The registry").isInstanceOf(JdbcLockRegistry.class);
		assertThat(one.getBean(Service.class).isFreeMeanwhile("net-1", two))
			.as("Whether another instance has the lock while the method runs")
			.isFalse();
		assertThat(two.tryLock("net-1", Duration.ZERO)).as("A try after the method").isTrue();
		LockHandle held = two.held("net-1");
		assertThat(held).as("The hold").isNotNull();
		assertThatIllegalStateException().as("Asking for its token")
			.isThrownBy(() -> held.fencingToken())
			.withMessageContaining("the driver in use mints none");
		two.unlock("net-1");
	}

	@Test
	void aHoldOutlivesItsLeaseAndItsLossIsTold() throws Exception {
		DistributedLock lock = start().getBean(DistributedLock.class);
		JdbcTemplate jdbc = new JdbcTemplate(this.database.dataSource());
		LockHandle handle = lock.acquire(LockRequest.of("net-1"));
		String expiry = "SELECT MAX(EXPIRED_AFTER) FROM INT_LOCK";
		Object first = jdbc.queryForObject(expiry, Object.class);
		Awaitility.await("The lease is renewed")
			.until(() -> !Objects.equals(first, jdbc.queryForObject(expiry, Object.class)));
		assertThat(handle.isHeld()).as("Whether the renewed hold is held").isTrue();
		jdbc.update("DELETE FROM INT_LOCK");
		Awaitility.await("The loss is noticed").until(() -> !handle.isHeld());
		assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::close);
	}

	private ApplicationContext start() {
		return this.applications.start("dragonflow.lock.driver=registry", "dragonflow.lock.lease=1s");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		DefaultLockRepository lockRepository(DataSource dataSource) {
			return new DefaultLockRepository(dataSource);
		}

		@Bean
		JdbcLockRegistry lockRegistry(LockRepository lockRepository) {
			return new JdbcLockRegistry(lockRepository);
		}

		@Bean
		Service service() {
			return new Service();
		}

	}

	public static class Service {

		@NbLocked("#id")
		public boolean isFreeMeanwhile(String id, DistributedLock other) throws InterruptedException {
			return other.tryLock(id, Duration.ZERO);
		}

	}

}
