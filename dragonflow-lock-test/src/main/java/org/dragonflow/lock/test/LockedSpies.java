package org.dragonflow.lock.test;

import java.util.Arrays;
import java.util.List;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.dragonflow.lock.aop.NbLockedBeanPostProcessor;
import org.jspecify.annotations.Nullable;
import org.mockito.internal.matchers.LocalizedMatcher;
import org.mockito.internal.progress.ArgumentMatcherStorage;
import org.mockito.internal.progress.ThreadSafeMockingProgress;
import org.mockito.internal.util.MockUtil;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.util.AopTestUtils;
import org.springframework.util.ClassUtils;

/**
 * Lets the stubbing of a spy pass where its bean is locked. Stubbing is a call, too, and
 * comes to the spy by the bean's proxy: where an argument is a matcher, there is no id;
 * and where the result comes later, the call would be another thread's.
 */
final class LockedSpies implements ContextCustomizerFactory, ContextCustomizer {

	private static final String BEAN = "lockedSpies";

	@Override
	public @Nullable ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> attributes) {
		return ClassUtils.isPresent("org.mockito.Mockito", testClass.getClassLoader()) ? this : null;
	}

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
		RootBeanDefinition definition = new RootBeanDefinition(PostProcessor.class);
		definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
		((BeanDefinitionRegistry) context.getBeanFactory()).registerBeanDefinition(BEAN, definition);
	}

	@Override
	public boolean equals(@Nullable Object other) {
		// Tests with the same configuration share one application.
		return other instanceof LockedSpies;
	}

	@Override
	public int hashCode() {
		return LockedSpies.class.hashCode();
	}

	/**
	 * Comes after all others, as the locks' own, which comes after those that see no bean
	 * definitions and has an order; and goes in front of all advice.
	 */
	static final class PostProcessor implements MergedBeanDefinitionPostProcessor {

		@Override
		public void postProcessMergedBeanDefinition(RootBeanDefinition definition, Class<?> beanType, String beanName) {
			// For the place that this gives it.
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			if (bean instanceof Advised advised && !advised.isFrozen() && isLocked(advised)
					&& MockUtil.isMock(AopTestUtils.getUltimateTargetObject(bean))) {
				advised.addAdvice(0, new StubbingInterceptor());
			}
			return bean;
		}

		private static boolean isLocked(Advised advised) {
			return Arrays.stream(advised.getAdvisors())
				.map((advisor) -> advisor.getAdvice().getClass().getPackage())
				.anyMatch(NbLockedBeanPostProcessor.class.getPackage()::equals);
		}

	}

	/**
	 * Not by the absence of an id: a call that has none fails, of a spy as well.
	 */
	private static final class StubbingInterceptor implements MethodInterceptor {

		@Override
		public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			Object target = invocation.getThis();
			Object spy = (target != null) ? AopTestUtils.getUltimateTargetObject(target) : null;
			if (spy != null && (isAnswerGiven(spy) || areMatchersGiven())) {
				return AopUtils.invokeJoinpointUsingReflection(spy, invocation.getMethod(), invocation.getArguments());
			}
			return invocation.proceed();
		}

		/**
		 * As in {@code doReturn(x).when(spy).method(...)}.
		 */
		private static boolean isAnswerGiven(Object spy) {
			return MockUtil.isMock(spy) && MockUtil.getInvocationContainer(spy).hasAnswersForStubbing();
		}

		/**
		 * As in {@code when(spy.method(any()))}. To look is to take; so they are given
		 * back.
		 */
		private static boolean areMatchersGiven() {
			ArgumentMatcherStorage storage = ThreadSafeMockingProgress.mockingProgress().getArgumentMatcherStorage();
			List<LocalizedMatcher> matchers = storage.pullLocalizedMatchers();
			matchers.forEach((matcher) -> storage.reportMatcher(matcher.getMatcher()));
			return !matchers.isEmpty();
		}

	}

}
