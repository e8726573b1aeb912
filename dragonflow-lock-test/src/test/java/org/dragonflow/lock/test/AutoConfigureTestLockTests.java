package org.dragonflow.lock.test;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.spi.LockDriver;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.ContextHierarchy;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.junit.jupiter.SpringExtension;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dragonflow.lock.test.LockAssertions.assertThat;

/**
 * The fake takes the place of whatever driver the application has.
 */
class AutoConfigureTestLockTests {

	@Nested
	@SpringBootTest(classes = Application.class,
			properties = { "dragonflow.lock.driver=jdbc", "dragonflow.lock.namespace=of-the-application",
					"spring.datasource.url=jdbc:postgresql://nowhere.invalid/db" })
	@AutoConfigureTestLock
	class OfOneWhoseStoreIsNotThere {

		@Test
		void theMethodIsLocked(@Autowired FakeLockDriver driver, @Autowired Service service,
				@Autowired ApplicationContext context) {
			service.run("net-1", () -> assertThat(driver).isHeld("net-1"));
			assertThat(driver).isFree("net-1");
			assertOnlyDriver(context);
		}

	}

	@Nested
	@SpringBootTest(classes = Application.class)
	@TestPropertySource(properties = "spring.datasource.url=jdbc:postgresql://nowhere.invalid/db")
	@AutoConfigureTestLock
	class OfOneThatHasChosenNone {

		@Test
		void theLockIsThere(@Autowired FakeLockDriver driver, @Autowired DistributedLock lock,
				@Autowired ApplicationContext context) {
			lock.run("net-1", () -> assertThat(driver).isHeld("net-1"));
			assertOnlyDriver(context);
		}

	}

	@Nested
	@SpringBootTest(classes = { Application.class, OwnDriver.class })
	@TestPropertySource(properties = "spring.datasource.url=jdbc:postgresql://nowhere.invalid/db")
	@AutoConfigureTestLock
	class OfOneWithADriverOfItsOwn {

		@Test
		void theDriverIsNotCreated(@Autowired FakeLockDriver driver, @Autowired DistributedLock lock,
				@Autowired ApplicationContext context) {
			lock.run("net-1", () -> assertThat(driver).isHeld("net-1"));
			assertOnlyDriver(context);
		}

	}

	@Nested
	@SpringBootTest(classes = Application.class, properties = { "dragonflow.lock.driver=local",
			"spring.datasource.url=jdbc:postgresql://nowhere.invalid/db" })
	class WithoutTheAnnotation {

		@Test
		void theDriverIsTheApplications(@Autowired ApplicationContext context) {
			assertThat(context.getBeansOfType(FakeLockDriver.class)).isEmpty();
		}

	}

	@Nested
	@ExtendWith(SpringExtension.class)
	@ContextHierarchy({ @ContextConfiguration(classes = ServiceOnly.class),
			@ContextConfiguration(classes = Web.class) })
	@AutoConfigureTestLock
	class OfOneWhoseContextHasAParent {

		@Test
		void bothShareTheirLocks(@Autowired FakeLockDriver driver, @Autowired Service service,
				@Autowired WebService webService) {
			service.run("net-1", () -> assertThat(driver).isHeld("net-1"));
			webService.serve("net-2", () -> assertThat(driver).isHeld("net-2"));
		}

	}

	@Test
	void testsOfTheSameApplicationShareIt() {
		assertThat(context(OneTest.class)).isSameAs(context(OtherTest.class));
	}

	private static ApplicationContext context(Class<?> testClass) {
		return new TestContextManager(testClass).getTestContext().getApplicationContext();
	}

	@SpringJUnitConfig(ServiceOnly.class)
	@AutoConfigureTestLock
	static class OneTest {

	}

	@SpringJUnitConfig(ServiceOnly.class)
	@AutoConfigureTestLock
	static class OtherTest {

	}

	@Configuration(proxyBeanMethods = false)
	static class ServiceOnly {

		@Bean
		Service service() {
			return new Service();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Web {

		@Bean
		WebService webService() {
			return new WebService();
		}

	}

	static class WebService {

		@NbLocked("#id")
		void serve(String id, Runnable action) {
			action.run();
		}

	}

	private static void assertOnlyDriver(ApplicationContext context) {
		assertThat(context.getBeansOfType(LockDriver.class).values()).singleElement()
			.isInstanceOf(FakeLockDriver.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Service service() {
			return new Service();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnDriver {

		@Bean
		LockDriver ownDriver() {
			throw new IllegalStateException("The store of this driver is not there");
		}

	}

	static class Service {

		@NbLocked("#id")
		void run(String id, Runnable action) {
			action.run();
		}

	}

}
