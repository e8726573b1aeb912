package org.dragonflow.lock.aop;

import java.lang.reflect.Proxy;

import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.LocalLockAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.autoconfigure.json.JsonTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A test whose application has lost its locks does not pass for want of them.
 */
class UnlockedTestGuardTests {

	@Test
	void aSliceWithAnAnnotatedBeanDoesNotStart() {
		assertRefused(Slice.class, "service");
	}

	@Test
	void neitherDoesATestWithoutSpringBoot() {
		assertRefused(Plain.class, "service");
	}

	@Test
	void aSpyIsAnAnnotatedBean() {
		assertRefused(WithSpy.class, "service");
	}

	@Test
	void anInterfaceThatOnlyAProxyHasCounts() {
		assertRefused(WithRepository.class, "repository");
	}

	@Test
	void aBeanThatIsCreatedLaterIsRefusedThen() {
		ApplicationContext context = start(WithLazyBean.class);
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> context.getBean(Service.class))
			.havingRootCause()
			.isInstanceOf(InvalidNbLockedException.class);
	}

	@Test
	void aMockNeedsNoLock() {
		assertThat(Mockito.mockingDetails(start(WithMock.class).getBean(Service.class)).isMock()).isTrue();
	}

	@Test
	void aTestThatHasSwitchedItsLocksOffStarts() {
		assertThat(start(SwitchedOff.class).getBean(Service.class)).hasSameClassAs(new Service());
	}

	@Test
	void aTestWithLocksStarts() {
		assertThat(start(Locked.class).getBean(Service.class)).isNotNull();
	}

	@Test
	void testsOfTheSameApplicationShareIt() {
		assertThat(start(Locked.class)).isSameAs(start(LockedToo.class));
	}

	private static void assertRefused(Class<?> testClass, String bean) {
		Throwable failure = catchThrowable(() -> start(testClass));
		assertThat(failure).rootCause()
			.isInstanceOf(InvalidNbLockedException.class)
			.hasMessageContainingAll("@NbLocked on", ".run(", "'" + bean + "'", "@AutoConfigureTestLock",
					"dragonflow.lock.enabled=false");
	}

	private static ApplicationContext start(Class<?> testClass) {
		return new TestContextManager(testClass).getTestContext().getApplicationContext();
	}

	@JsonTest
	@ContextConfiguration(classes = Application.class)
	static class Slice {

	}

	@SpringJUnitConfig(Beans.class)
	static class Plain {

	}

	@SpringJUnitConfig(Beans.class)
	static class WithSpy {

		@MockitoSpyBean
		Service service;

	}

	@SpringJUnitConfig(Beans.class)
	static class WithMock {

		@MockitoBean
		Service service;

	}

	@SpringJUnitConfig(RepositoryFactory.class)
	static class WithRepository {

	}

	@SpringJUnitConfig(LazyBean.class)
	static class WithLazyBean {

	}

	@SpringJUnitConfig(Beans.class)
	@TestPropertySource(properties = "dragonflow.lock.enabled=false")
	static class SwitchedOff {

	}

	@SpringJUnitConfig(BeansAndLocks.class)
	@TestPropertySource(properties = "dragonflow.lock.driver=local")
	static class Locked {

	}

	@SpringJUnitConfig(BeansAndLocks.class)
	@TestPropertySource(properties = "dragonflow.lock.driver=local")
	static class LockedToo {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Beans.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		Service service() {
			return new Service();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Beans.class)
	@ImportAutoConfiguration({ DragonflowLockAutoConfiguration.class, LocalLockAutoConfiguration.class })
	static class BeansAndLocks {

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyBean {

		@Bean
		@Lazy
		Service service() {
			return new Service();
		}

	}

	/**
	 * As data repositories are made: the interface is that of the proxy alone.
	 */
	@Configuration(proxyBeanMethods = false)
	static class RepositoryFactory {

		@Bean
		FactoryBean<Repository> repository() {
			return new FactoryBean<>() {

				@Override
				public Repository getObject() {
					ProxyFactory factory = new ProxyFactory(new Object());
					factory.addInterface(Repository.class);
					return (Repository) factory.getProxy();
				}

				@Override
				public Class<?> getObjectType() {
					return Repository.class;
				}

			};
		}

		@Bean
		Object user(Repository repository) {
			return Proxy.isProxyClass(repository.getClass());
		}

	}

	interface Repository {

		@NbLocked("#a0")
		void run(String id);

	}

	static class Service {

		@NbLocked("#id")
		void run(String id) {
		}

	}

}
