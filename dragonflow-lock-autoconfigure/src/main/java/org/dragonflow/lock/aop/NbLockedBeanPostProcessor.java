package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Lets the methods of beans run under the lock that {@link NbLocked} asks for, and checks
 * each use when the bean is created.
 * <p>
 * A post-processor rather than an advisor bean, because it needs no auto-proxy creator,
 * and because it goes in front of all advisors that a bean has by then, whatever their
 * order: a transaction always begins and ends inside the lock. {@code @Async} and
 * {@code @Retryable} come later and stay outside: the thread that does the work takes the
 * lock, and each retry takes it anew.
 */
public final class NbLockedBeanPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	private final Duration minLease;

	private @Nullable LockedMethods methods;

	/**
	 * Creates a post-processor.
	 * @param minLease the shortest lease that an annotation may ask for
	 */
	public NbLockedBeanPostProcessor(Duration minLease) {
		this.minLease = minLease;
		setBeforeExistingAdvisors(true);
		setOrder(Ordered.LOWEST_PRECEDENCE - 100);
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		super.setBeanFactory(beanFactory);
		Assert.isInstanceOf(ConfigurableListableBeanFactory.class, beanFactory);
		LockedMethodParser parser = new LockedMethodParser((ConfigurableListableBeanFactory) beanFactory,
				this.minLease);
		LockedMethods methods = new LockedMethods(parser);
		// Fetched at the first call: a post-processor must not pull in the store's client
		// before the other post-processors are there.
		SingletonSupplier<DistributedLock> lock = SingletonSupplier
			.of(() -> beanFactory.getBean(DistributedLock.class));
		this.methods = methods;
		this.advisor = new DefaultPointcutAdvisor(new LockedMethodPointcut(methods),
				new NbLockedInterceptor(methods, lock::obtain));
	}

	/**
	 * Asked while the application is processed ahead of time, where the proxy's class is
	 * made: what no proxy can be made of is told then.
	 */
	@Override
	public Class<?> determineBeanType(Class<?> beanClass, String beanName) {
		try {
			return super.determineBeanType(beanClass, beanName);
		}
		catch (AopConfigException ex) {
			Assert.state(this.methods != null, "No bean factory");
			throw notProxied(this.methods.of(beanClass).keySet().iterator().next(), beanClass, ex);
		}
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof AopInfrastructureBean
				|| beanName.endsWith(AutowireCapableBeanFactory.ORIGINAL_INSTANCE_SUFFIX)) {
			return bean;
		}
		LockedMethods methods = this.methods;
		Assert.state(methods != null, "No bean factory");
		Class<?> targetClass = AopUtils.getTargetClass(bean);
		Collection<Method> locked = methods.of(targetClass).keySet();
		if (locked.isEmpty()) {
			if (bean instanceof Advised advised) {
				adviseOwnInterfaces(advised, targetClass, methods);
			}
			return bean;
		}
		Method example = locked.iterator().next();
		Object proxy = proxy(bean, beanName, example);
		if (!(proxy instanceof Advised advised) || this.advisor == null || advised.indexOf(this.advisor) < 0) {
			throw new InvalidNbLockedException(example,
					"cannot work, because the bean '" + beanName + "' cannot be advised",
					"Let the bean be of a class or interface that Spring can proxy.");
		}
		locked.forEach((method) -> MethodRules.check(advised, targetClass, method));
		return proxy;
	}

	@Override
	protected ProxyFactory prepareProxyFactory(Object bean, String beanName) {
		ProxyFactory factory = super.prepareProxyFactory(bean, beanName);
		if (Proxy.isProxyClass(bean.getClass()) || ClassUtils.isLambdaClass(bean.getClass())) {
			// Such a class cannot be extended; all it has are its interfaces.
			factory.setProxyTargetClass(false);
		}
		return factory;
	}

	private Object proxy(Object bean, String beanName, Method example) {
		try {
			return super.postProcessAfterInitialization(bean, beanName);
		}
		catch (AopConfigException ex) {
			throw notProxied(example, bean.getClass(), ex);
		}
	}

	private static InvalidNbLockedException notProxied(Method example, Class<?> type, AopConfigException cause) {
		String reason = Modifier.isFinal(type.getModifiers()) ? "is final" : "cannot be proxied";
		return new InvalidNbLockedException(example, "cannot work, because " + type.getName() + " " + reason,
				"Make the class non-final and visible, or let the bean be proxied by an interface that has the"
						+ " method: spring.aop.proxy-target-class=false.",
				cause);
	}

	/**
	 * A proxy may have interfaces that its target does not implement, as data
	 * repositories have.
	 */
	private void adviseOwnInterfaces(Advised advised, Class<?> targetClass, LockedMethods methods) {
		Advisor advisor = this.advisor;
		Assert.state(advisor != null, "No bean factory");
		for (Class<?> type : advised.getProxiedInterfaces()) {
			if (!type.isAssignableFrom(targetClass) && !methods.of(type).isEmpty()) {
				advised.addAdvisor(0, advisor);
				return;
			}
		}
	}

	/**
	 * Matches the locked methods.
	 */
	private static final class LockedMethodPointcut extends StaticMethodMatcherPointcut {

		private final LockedMethods methods;

		LockedMethodPointcut(LockedMethods methods) {
			this.methods = methods;
		}

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			return this.methods.isLocked(method, targetClass);
		}

	}

}
