package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;

import org.dragonflow.lock.aop.AnnotatedMethods.Use;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AbstractBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Refuses beans whose methods are to be locked, and that never come to the post-processor
 * which would see to it: what is created before that is there, and what the bean factory
 * does not process at all.
 */
final class UnlockedBeans implements BeanPostProcessor {

	private final ConfigurableListableBeanFactory beanFactory;

	private final BeanPostProcessor locking;

	private final AnnotatedMethods annotated = new AnnotatedMethods();

	private volatile boolean done;

	UnlockedBeans(ConfigurableListableBeanFactory beanFactory, BeanPostProcessor locking) {
		this.beanFactory = beanFactory;
		this.locking = locking;
	}

	/**
	 * Begins to look at the beans that are created before the locking post-processor is
	 * in its place.
	 */
	void watch() {
		for (String name : this.beanFactory.getSingletonNames()) {
			if (this.beanFactory.containsBeanDefinition(name)) {
				refuseEarly(this.beanFactory.getSingleton(name), name);
			}
		}
		this.beanFactory.addBeanPostProcessor(this);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		// Done, it stays where it is: Spring counts the post-processors, and warns of
		// each
		// bean that is created while one is missing.
		if (!this.done && this.beanFactory instanceof AbstractBeanFactory known) {
			this.done = known.getBeanPostProcessors().contains(this.locking);
			if (!this.done) {
				refuseEarly(bean, beanName);
			}
		}
		return bean;
	}

	private void refuseEarly(@Nullable Object bean, String beanName) {
		Method example = example(bean);
		if (bean == null || example == null) {
			return;
		}
		String creator = "";
		if (bean instanceof BeanPostProcessor || bean instanceof BeanFactoryPostProcessor) {
			creator = ", and is one itself";
		}
		else {
			String[] dependents = this.beanFactory.getDependentBeans(beanName);
			if (dependents.length > 0) {
				creator = ": '" + String.join("', '", dependents) + "' needs it";
			}
		}
		throw InvalidNbLockedException.createdEarly(example,
				"cannot work, because the bean '" + beanName
						+ "' is created while Spring still collects its post-processors" + creator,
				"Let no BeanPostProcessor or BeanFactoryPostProcessor need it when it is created: inject an"
						+ " ObjectProvider, or mark the injection point with @Lazy."
						+ " If the post-processor is made by a @Bean method, make that method static.");
	}

	/**
	 * Refuses the singletons that were not made by the bean factory, or by one that has
	 * no locking post-processor. None is created for that.
	 */
	void checkSingletons() {
		for (String name : this.beanFactory.getSingletonNames()) {
			if (!isProcessed(name)) {
				refuseUnlocked(this.beanFactory.getSingleton(name),
						"the bean '" + name
								+ "' was put into the bean factory as it is, and Spring makes no proxy of it",
						"Register a bean definition, so that Spring creates the bean:"
								+ " a @Bean method, or registerBean with a supplier.");
			}
		}
		@Nullable BeanFactory parent = this.beanFactory.getParentBeanFactory();
		while (parent instanceof ConfigurableListableBeanFactory ancestor) {
			for (String name : ancestor.getSingletonNames()) {
				refuseUnlocked(ancestor.getSingleton(name),
						"the bean '" + name + "' belongs to a parent context, which knows nothing of @NbLocked",
						"Define the bean in the same context as the lock, or the lock in the parent context, too.");
			}
			parent = ancestor.getParentBeanFactory();
		}
	}

	private boolean isProcessed(String name) {
		// A definition says nothing of what a test has put in the place of the bean.
		return this.beanFactory.containsBeanDefinition(name)
				&& !(this.beanFactory.getMergedBeanDefinition(name) instanceof AbstractBeanDefinition definition
						&& definition.isSynthetic());
	}

	private void refuseUnlocked(@Nullable Object bean, String reason, String action) {
		Method example = example(bean);
		if (example != null) {
			throw new InvalidNbLockedException(example, "cannot work, because " + reason, action);
		}
	}

	/**
	 * One of the methods that are to be locked, and are not.
	 */
	private @Nullable Method example(@Nullable Object bean) {
		if (bean == null || isLocked(bean)) {
			return null;
		}
		Map<Method, Use> methods = this.annotated.of(ClassUtils.getUserClass(AopUtils.getTargetClass(bean)));
		return methods.isEmpty() ? null : methods.keySet().iterator().next();
	}

	private static boolean isLocked(Object bean) {
		return bean instanceof Advised advised && Arrays.stream(advised.getAdvisors())
			.anyMatch((advisor) -> advisor.getAdvice() instanceof NbLockedInterceptor);
	}

}
