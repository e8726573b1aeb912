package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.SpringProxy;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.Ordered;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Lets the methods of beans run under the lock that {@link NbLocked} asks for, and checks
 * each use when the bean is created.
 * <p>
 * A post-processor rather than an advisor bean, because it needs no auto-proxy creator.
 * It finds its place among the advisors that a bean has by then by their order, and is
 * registered twice: before the post-processors without an order are created, whose beans
 * it locks, too; and again as the last one, when all others have added their advisors,
 * because it looks at bean definitions. It is there as early as any, to see which beans
 * are created too early for it.
 */
public final class NbLockedBeanPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor
		implements BeanDefinitionRegistryPostProcessor, MergedBeanDefinitionPostProcessor, SmartInitializingSingleton {

	/**
	 * The order of the lock among the advisors of a bean, unless another is set: behind
	 * those of Spring Security and aspects with an order of their own, before those
	 * without, caches and transactions.
	 */
	public static final int DEFAULT_ASPECT_ORDER = Ordered.LOWEST_PRECEDENCE - 1000;

	private final Duration minLease;

	private AdvisorPlacement placement = new AdvisorPlacement(DEFAULT_ASPECT_ORDER);

	private @Nullable LockedMethods methods;

	private @Nullable UnlockedBeans unlocked;

	private @Nullable SingletonSupplier<DistributedLock> lock;

	/**
	 * Creates a post-processor.
	 * @param minLease the shortest lease that an annotation may ask for
	 */
	public NbLockedBeanPostProcessor(Duration minLease) {
		this.minLease = minLease;
		setOrder(Ordered.LOWEST_PRECEDENCE);
	}

	/**
	 * Sets the order of the lock among the advisors of a bean. What has a lower order is
	 * outside the lock. A transaction that begins outside fails the start.
	 * @param order as in {@link Ordered}
	 */
	public void setAspectOrder(int order) {
		this.placement = new AdvisorPlacement(order);
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		super.setBeanFactory(beanFactory);
		if (!(beanFactory instanceof ConfigurableListableBeanFactory listable)) {
			throw new IllegalArgumentException("Not listable: " + beanFactory);
		}
		this.unlocked = new UnlockedBeans(listable, this);
		LockedMethodParser parser = new LockedMethodParser(listable, this.minLease);
		LockedMethods methods = new LockedMethods(parser);
		// Fetched at the first call: a post-processor must not pull in the store's client
		// before the other post-processors are there.
		this.lock = SingletonSupplier.of(() -> beanFactory.getBean(DistributedLock.class));
		this.methods = methods;
		this.advisor = advisor(methods);
	}

	private Advisor advisor(LockedMethods methods) {
		SingletonSupplier<DistributedLock> lock = this.lock;
		Assert.state(lock != null, "No bean factory");
		return new DefaultPointcutAdvisor(new LockedMethodPointcut(methods),
				new NbLockedInterceptor(methods, lock::obtain));
	}

	@Override
	public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
		Assert.state(this.unlocked != null, "No bean factory");
		this.unlocked.watch();
	}

	@Override
	public void postProcessMergedBeanDefinition(RootBeanDefinition definition, Class<?> beanType, String beanName) {
		Assert.state(this.methods != null, "No bean factory");
		this.methods.ownAnnotated(ClassUtils.getUserClass(beanType))
			.forEach((method) -> MethodRules.checkCallback(definition, method));
	}

	@Override
	public void afterSingletonsInstantiated() {
		Assert.state(this.unlocked != null, "No bean factory");
		this.unlocked.checkSingletons();
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
		if ((bean instanceof AopInfrastructureBean && bean instanceof SpringProxy)
				|| beanName.endsWith(AutowireCapableBeanFactory.ORIGINAL_INSTANCE_SUFFIX)) {
			return bean;
		}
		LockedMethods methods = this.methods;
		Assert.state(methods != null, "No bean factory");
		Class<?> targetClass = AopUtils.getTargetClass(bean);
		List<Class<?>> ownInterfaces = ownInterfaces(bean, targetClass);
		Collection<Method> locked = new LinkedHashSet<>(methods.of(targetClass).keySet());
		ownInterfaces.forEach((type) -> locked.addAll(methods.of(type).keySet()));
		if (locked.isEmpty()) {
			return bean;
		}
		Method example = locked.iterator().next();
		Advisor advisor = this.advisor;
		Object proxy;
		if (bean instanceof Advised advised && !advised.isFrozen()
				&& (!ownInterfaces.isEmpty() || isEligible(targetClass))) {
			if (advisor == null || !ownInterfaces.isEmpty()) {
				advisor = advisor(methods.withOwnInterfaces(ownInterfaces));
			}
			this.placement.add(advised, advisor);
			proxy = bean;
		}
		else {
			proxy = proxy(bean, beanName, example);
		}
		if (!(proxy instanceof Advised advised) || advisor == null || advised.indexOf(advisor) < 0) {
			throw new InvalidNbLockedException(example,
					"cannot work, because the bean '" + beanName + "' cannot be advised",
					"Let the bean be of a class or interface that Spring can proxy.");
		}
		this.placement.check(advised, advisor, targetClass, locked);
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
	 * The interfaces that a proxy has and its target, if it has one, does not implement.
	 */
	private static List<Class<?>> ownInterfaces(Object bean, Class<?> targetClass) {
		if (!(bean instanceof Advised advised)) {
			return List.of();
		}
		boolean noTarget = Proxy.isProxyClass(targetClass);
		return Arrays.stream(advised.getProxiedInterfaces())
			.filter((type) -> noTarget || !type.isAssignableFrom(targetClass))
			.toList();
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
