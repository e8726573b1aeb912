package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.Aware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.scheduling.annotation.AsyncAnnotationAdvisor;
import org.springframework.util.ClassUtils;

/**
 * Refuses methods that a proxy cannot lock for as long as they work.
 */
final class MethodRules {

	private MethodRules() {
	}

	/**
	 * The rules that hold for any proxy.
	 * @param method a locked method
	 */
	static void check(Method method) {
		if (Modifier.isStatic(method.getModifiers())) {
			throw new InvalidNbLockedException(method, "cannot work, because the method is static",
					"Make it a method of the bean: only calls through the bean's proxy are locked.");
		}
		if (AopUtils.isEqualsMethod(method) || AopUtils.isHashCodeMethod(method) || AopUtils.isFinalizeMethod(method)) {
			throw new InvalidNbLockedException(method, "cannot work, because a proxy answers the method itself",
					"Remove the annotation: equals, hashCode and finalize are never locked.");
		}
		if (Modifier.isPrivate(method.getModifiers())) {
			throw new InvalidNbLockedException(method, "cannot work, because the method is private",
					"Make it public: only calls through the bean's proxy are locked.");
		}
	}

	/**
	 * The rules that depend on the bean's definition: what Spring calls while it makes or
	 * destroys a bean does not go through the proxy.
	 * @param definition of the bean, when all that it is called back by is known
	 * @param method a method that is annotated itself, rather than its type
	 */
	static void checkCallback(RootBeanDefinition definition, Method method) {
		String name = method.getName();
		boolean plain = method.getParameterCount() == 0;
		String when = null;
		if (plain && (isNamed(definition.getInitMethodNames(), name) || definition.isExternallyManagedInitMethod(name)
				|| isOf(InitializingBean.class, method))) {
			when = "initialises";
		}
		else if (plain && !definition.isPrototype()
				&& (isNamed(definition.getDestroyMethodNames(), name)
						|| definition.isExternallyManagedDestroyMethod(name) || isOf(DisposableBean.class, method)
						|| isInferred(definition, method))) {
			when = "destroys";
		}
		else if (definition.isExternallyManagedConfigMember(method)
				|| (name.startsWith("set") && isOf(Aware.class, method))) {
			when = "makes";
		}
		if (when != null) {
			throw new InvalidNbLockedException(method,
					"cannot work, because Spring calls the method when it " + when + " the bean, past the bean's proxy",
					"Do the work in another bean's annotated method, and call that, or use DistributedLock.run.");
		}
	}

	private static boolean isNamed(String @Nullable [] names, String name) {
		return names != null && Arrays.asList(names).contains(name);
	}

	private static boolean isInferred(RootBeanDefinition definition, Method method) {
		if (AutoCloseable.class.isAssignableFrom(method.getDeclaringClass()) && method.getName().equals("close")) {
			// Unless another is named, or none: @Bean(destroyMethod = "").
			return definition.getDestroyMethodNames() == null
					|| isNamed(definition.getDestroyMethodNames(), AbstractBeanDefinition.INFER_METHOD);
		}
		return isNamed(definition.getDestroyMethodNames(), AbstractBeanDefinition.INFER_METHOD)
				&& Set.of("close", "shutdown").contains(method.getName());
	}

	private static boolean isOf(Class<?> callback, Method method) {
		return ClassUtils.getAllInterfacesForClassAsSet(method.getDeclaringClass())
			.stream()
			.filter(callback::isAssignableFrom)
			.anyMatch((type) -> ClassUtils.hasMethod(type, method.getName(), method.getParameterTypes()));
	}

	/**
	 * The rules that depend on the proxy.
	 * @param proxy the bean's proxy
	 * @param targetClass the bean's class
	 * @param method a locked method
	 */
	static void check(Advised proxy, Class<?> targetClass, Method method) {
		if (AopUtils.isJdkDynamicProxy(proxy)) {
			if (!isOfInterface(proxy, targetClass, method)) {
				throw new InvalidNbLockedException(method,
						"cannot work, because the bean is proxied by its interfaces, and none has this method",
						"Declare the method in an interface of the bean,"
								+ " or let classes be proxied: spring.aop.proxy-target-class=true.");
			}
		}
		else if (Modifier.isFinal(method.getModifiers())) {
			throw new InvalidNbLockedException(method, "cannot work, because the method is final",
					"Remove 'final': the bean's proxy has to override the method.");
		}
		else if (isHidden(targetClass, method)) {
			throw new InvalidNbLockedException(method,
					"cannot work, because the method is package-private in another package than the bean's class",
					"Make it public or protected: the bean's proxy has to override the method.");
		}
		// The future of other results tells when the work is done.
		if (ResultType.of(method) == ResultType.VALUE && isMadeAsynchronousInside(proxy, targetClass, method)) {
			throw new InvalidNbLockedException(method,
					"cannot work, because @Async would start the work inside the lock",
					"The lock would be released before the work is done."
							+ " Remove 'order' from @EnableAsync, so that the lock is taken by the thread that does the work.");
		}
	}

	private static boolean isOfInterface(Advised proxy, Class<?> targetClass, Method method) {
		return Arrays.stream(proxy.getProxiedInterfaces())
			.flatMap((type) -> Arrays.stream(type.getMethods()))
			.anyMatch((candidate) -> candidate.equals(method)
					|| AopUtils.getMostSpecificMethod(candidate, targetClass).equals(method));
	}

	private static boolean isHidden(Class<?> targetClass, Method method) {
		int visible = Modifier.PUBLIC | Modifier.PROTECTED;
		return (method.getModifiers() & visible) == 0
				&& !method.getDeclaringClass().getPackageName().equals(targetClass.getPackageName());
	}

	private static boolean isMadeAsynchronousInside(Advised proxy, Class<?> targetClass, Method method) {
		// In the same proxy the lock is inside.
		Object target = AopProxyUtils.getSingletonTarget(proxy);
		return target instanceof Advised inner && (Arrays.stream(inner.getAdvisors())
			.filter(AsyncAnnotationAdvisor.class::isInstance)
			.anyMatch((advisor) -> AopUtils.canApply(advisor, targetClass)
					&& ((AsyncAnnotationAdvisor) advisor).getPointcut().getMethodMatcher().matches(method, targetClass))
				|| isMadeAsynchronousInside(inner, targetClass, method));
	}

}
