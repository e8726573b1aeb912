package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Keeps a test from calling methods that are locked in production, and only there: what a
 * test starts of an application, by {@code @WebMvcTest} for one, has beans and may lack
 * the locks. Here, as this library comes with every bean that needs it, and by the
 * framework for tests, as an application without locks does not start by itself.
 */
final class UnlockedTestGuard implements ContextCustomizerFactory, ContextCustomizer {

	private static final String REMEDY = "Add @AutoConfigureTestLock (of dragonflow-lock-test) to the test class."
			+ " Or, where the test needs no locks, set dragonflow.lock.enabled=false for it.";

	@Override
	public ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> attributes) {
		return this;
	}

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
		// The first of all, so that it sees what is created before the others.
		context.getBeanFactory().addBeanPostProcessor(new Guard(context.getBeanFactory(), context.getEnvironment()));
	}

	@Override
	public boolean equals(@Nullable Object other) {
		// Tests with the same configuration share one application.
		return other instanceof UnlockedTestGuard;
	}

	@Override
	public int hashCode() {
		return UnlockedTestGuard.class.hashCode();
	}

	/**
	 * Sees what the post-processor of the locks would see, and so no mock that is in a
	 * bean's place: that one runs nothing.
	 */
	private static final class Guard implements BeanPostProcessor {

		private final AnnotatedMethods annotated = new AnnotatedMethods();

		private final ConfigurableListableBeanFactory beanFactory;

		private final Environment environment;

		private @Nullable Boolean needless;

		Guard(ConfigurableListableBeanFactory beanFactory, Environment environment) {
			this.beanFactory = beanFactory;
			this.environment = environment;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			if (!isNeedless() && !beanName.endsWith(AutowireCapableBeanFactory.ORIGINAL_INSTANCE_SUFFIX)) {
				types(bean).flatMap((type) -> this.annotated.of(type).keySet().stream())
					.findAny()
					.ifPresent((method) -> {
						throw unlocked(method, beanName);
					});
			}
			return bean;
		}

		private boolean isNeedless() {
			Boolean known = this.needless;
			if (known != null) {
				return known;
			}
			boolean now = !this.environment.getProperty("dragonflow.lock.enabled", Boolean.class, true)
					|| this.beanFactory.getBeanNamesForType(NbLockedBeanPostProcessor.class, true, false).length > 0;
			if (now || this.beanFactory.isConfigurationFrozen()) {
				this.needless = now;
			}
			return now;
		}

		/**
		 * The classes whose annotations count, and the interfaces that only a proxy has.
		 */
		private static Stream<Class<?>> types(Object bean) {
			Stream<Class<?>> target = Stream.of(AopUtils.getTargetClass(bean));
			return (bean instanceof Advised advised) ? Stream.concat(target, Stream.of(advised.getProxiedInterfaces()))
					: target;
		}

		private static InvalidNbLockedException unlocked(Method method, String beanName) {
			return new InvalidNbLockedException(method, "would run without its lock, because this test has the bean '"
					+ beanName + "' and no locks. " + REMEDY, REMEDY);
		}

	}

}
