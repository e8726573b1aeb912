package org.dragonflow.lock.test;

import org.dragonflow.lock.spi.LockDriver;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Defines the fake before any auto-configuration asks whether there is a driver, and
 * removes the drivers that the application defines itself.
 */
final class TestLockContextCustomizer implements ContextCustomizer {

	private static final String BEAN = "fakeLockDriver";

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) context.getBeanFactory();
		RootBeanDefinition fake = new RootBeanDefinition(FakeLockDriver.class);
		fake.getConstructorArgumentValues()
			.addGenericArgumentValue(context.getEnvironment().getProperty("dragonflow.lock.namespace", "dragonflow"));
		registry.registerBeanDefinition(BEAN, fake);
		context.addBeanFactoryPostProcessor(TestLockContextCustomizer::removeOtherDrivers);
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

}
