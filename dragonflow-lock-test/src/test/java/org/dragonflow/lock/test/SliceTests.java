package org.dragonflow.lock.test;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.redis.test.autoconfigure.DataRedisTest;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.test.autoconfigure.json.JsonTest;
import org.springframework.boot.webflux.test.autoconfigure.WebFluxTest;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

/**
 * A test that starts a part of the application only has its locks none the less.
 */
class SliceTests {

	@Nested
	@WebMvcTest
	@ContextConfiguration(classes = Application.class)
	@AutoConfigureTestLock
	class OfTheWeb {

		@Test
		void aControllerIsLocked(@Autowired MockMvcTester mvc) {
			assertThat(mvc.put().uri("/networks/net-1")).bodyText().isEqualTo("locked");
		}

		@Test
		void onlyTheFakeIsThere(@Autowired ApplicationContext context) {
			assertLocks(context);
		}

	}

	@Nested
	@WebFluxTest
	@ContextConfiguration(classes = Application.class)
	@AutoConfigureTestLock
	class OfTheReactiveWeb extends Cases {

	}

	@Nested
	@JdbcTest(properties = "dragonflow.lock.driver=jdbc")
	@ContextConfiguration(classes = Application.class)
	@AutoConfigureTestLock
	class OfTheDatabase {

		@Test
		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		void aBeanIsLocked(@Autowired Service service, @Autowired FakeLockDriver driver) {
			service.run("net-1", () -> assertThat(driver).isHeld("net-1"));
			assertThat(driver).isFree("net-1");
		}

		@Test
		void theLockIsKeptForTheTransactionOfTheTest(@Autowired Service service, @Autowired FakeLockDriver driver) {
			service.run("net-2", () -> {
			});
			assertThat(driver).isHeld("net-2");
		}

		@Test
		void onlyTheFakeIsThere(@Autowired ApplicationContext context, @Autowired JdbcClient jdbc) {
			assertLocks(context);
		}

	}

	@Nested
	@DataRedisTest(properties = "dragonflow.lock.driver=redis")
	@ContextConfiguration(classes = Application.class)
	@AutoConfigureTestLock
	class OfRedis extends Cases {

	}

	@Nested
	@JsonTest
	@ContextConfiguration(classes = Application.class)
	@AutoConfigureTestLock
	class OfJson extends Cases {

	}

	/**
	 * The annotation is found on the class around, where Spring Boot's own imports are
	 * not: each nested class has some of its own.
	 */
	@Nested
	@AutoConfigureTestLock
	@ContextConfiguration(classes = Application.class)
	class WhoseAnnotationIsOnTheClassAround {

		@Nested
		@JsonTest
		class OfJson extends Cases {

		}

		@Nested
		@JsonTest
		@Import(Imported.class)
		class WithImports extends Cases {

		}

	}

	@Nested
	@SpringJUnitConfig(Beans.class)
	@AutoConfigureTestLock
	class WithoutSpringBoot extends Cases {

	}

	@Nested
	@JsonTest
	@ContextConfiguration(classes = Application.class)
	@TestPropertySource(properties = "dragonflow.lock.enabled=false")
	@AutoConfigureTestLock
	class OfAnApplicationWhoseLocksAreOffInTests extends Cases {

	}

	abstract static class Cases {

		@Test
		void aBeanIsLocked(@Autowired Service service, @Autowired FakeLockDriver driver) {
			service.run("net-1", () -> assertThat(driver).isHeld("net-1"));
			assertThat(driver).isFree("net-1");
		}

		@Test
		void aLockCanBeInjected(@Autowired DistributedLock lock, @Autowired FakeLockDriver driver) {
			lock.run("net-2", () -> assertThat(driver).isHeld("net-2"));
			assertThat(driver).isFree("net-2");
		}

		@Test
		void onlyTheFakeIsThere(@Autowired ApplicationContext context) {
			assertLocks(context);
		}

	}

	private static void assertLocks(ApplicationContext context) {
		assertThat(context.getBeansOfType(LockDriver.class).values()).singleElement()
			.isInstanceOf(FakeLockDriver.class);
		assertThat(context.getBeansOfType(DistributedLock.class)).hasSize(1);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ Beans.class, NetworkController.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		Service service() {
			return new Service();
		}

	}

	static class Imported {

	}

	@RestController
	static class NetworkController {

		private final ObjectProvider<DistributedLock> lock;

		NetworkController(ObjectProvider<DistributedLock> lock) {
			this.lock = lock;
		}

		@NbLocked("#id")
		@PutMapping("/networks/{id}")
		public String update(@PathVariable String id) {
			return (this.lock.getObject().held(id) != null) ? "locked" : "not locked";
		}

	}

	static class Service {

		@NbLocked("#id")
		void run(String id, Runnable action) {
			action.run();
		}

	}

}
