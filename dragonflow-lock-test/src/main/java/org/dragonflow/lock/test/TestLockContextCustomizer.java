package org.dragonflow.lock.test;

import java.util.Map;

import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.spi.LockDriver;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Defines the fake before any auto-configuration asks whether there is a driver, removes
 * the drivers that the application defines itself, and brings the locks where the test
 * starts a part of the application that has none.
 */
final class TestLockContextCustomizer implements ContextCustomizer {

	private static final String BEAN = "fakeLockDriver";

	private static final String LOCKS_BEAN = "testLocks";

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) context.getBeanFactory();
		ApplicationContext parent = configuration.getParentApplicationContext();
		if (parent == null || !parent.containsBean(BEAN)) {
			registry.registerBeanDefinition(BEAN, fake(context));
		}
		registry.registerBeanDefinition(LOCKS_BEAN, new RootBeanDefinition(Locks.class));
		// Whoever wants locks in one test has them, also where the tests have them off.
		context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource(LOCKS_BEAN, Map.of("dragonflow.lock.enabled", "true")));
		context.addBeanFactoryPostProcessor(TestLockContextCustomizer::removeOtherDrivers);
	}

	private static RootBeanDefinition fake(ConfigurableApplicationContext context) {
		RootBeanDefinition fake = new RootBeanDefinition(FakeLockDriver.class);
		fake.getConstructorArgumentValues()
			.addGenericArgumentValue(context.getEnvironment().getProperty("dragonflow.lock.namespace", "dragonflow"));
		return fake;
	}

	private static void removeOtherDrivers(ConfigurableListableBeanFactory beanFactory) {
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) beanFactory;
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, LockDriver.class, true,
				false)) {
			if (!name.equals(BEAN) && registry.containsBeanDefinition(name)) {
				registry.removeBeanDefinition(name);
			}
		}
	}

	@Override
	public boolean equals(Object other) {
		// Tests with the same configuration share one application.
		return other instanceof TestLockContextCustomizer;
	}

	@Override
	public int hashCode() {
		return TestLockContextCustomizer.class.hashCode();
	}

	/**
	 * Not an import of the annotation itself, as Spring Boot's own have: of a nested test
	 * class that has imports, it reads no others.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DragonflowLockAutoConfiguration.class)
	static class Locks {

	}

}
