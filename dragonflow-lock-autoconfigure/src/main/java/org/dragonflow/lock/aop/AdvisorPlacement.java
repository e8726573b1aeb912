package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

import org.aopalliance.aop.Advice;

import org.springframework.aop.Advisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.interceptor.ConcurrencyThrottleInterceptor;
import org.springframework.aop.target.EmptyTargetSource;
import org.springframework.core.Ordered;
import org.springframework.resilience.annotation.ConcurrencyLimitBeanPostProcessor;
import org.springframework.resilience.retry.AbstractRetryInterceptor;

/**
 * Finds the place of the lock among the advisors that a proxy has already: behind what
 * has a lower order, such as security, and what is to be outside whatever its order;
 * before all else, such as caches and transactions.
 */
final class AdvisorPlacement {

	// By name: the application may or may not have the libraries.
	private static final String VALIDATION = "org.springframework.validation.beanvalidation.MethodValidationInterceptor";

	private static final String TRANSACTION = "org.springframework.transaction.interceptor.TransactionInterceptor";

	private final int order;

	AdvisorPlacement(int order) {
		this.order = order;
	}

	/**
	 * Adds the lock to a proxy.
	 * @param proxy a proxy that is not frozen
	 * @param lock the advisor to add
	 */
	void add(Advised proxy, Advisor lock) {
		List<Advisor> present = List.of(proxy.getAdvisors());
		int place = 0;
		for (int i = 0; i < present.size(); i++) {
			if (isOutside(present.get(i))) {
				place = i + 1;
			}
		}
		if (proxy.getTargetSource() instanceof EmptyTargetSource && !present.isEmpty()) {
			// The last one does the work.
			place = Math.min(place, present.size() - 1);
		}
		// Its post-processor puts it behind all others: an argument that is not valid
		// must not wait for the lock.
		for (Advisor validation : present.subList(place, present.size())) {
			if (isA(validation.getAdvice(), VALIDATION)) {
				proxy.removeAdvisor(validation);
				proxy.addAdvisor(place, validation);
				place++;
			}
		}
		proxy.addAdvisor(place, lock);
	}

	private boolean isOutside(Advisor advisor) {
		// The order of @Async is the lowest there is, whatever that of its
		// post-processor.
		if (advisor instanceof Ordered ordered && ordered.getOrder() < this.order) {
			return true;
		}
		Advice advice = advisor.getAdvice();
		return advice instanceof AbstractRetryInterceptor || advice instanceof ConcurrencyThrottleInterceptor
				|| advice.getClass().getEnclosingClass() == ConcurrencyLimitBeanPostProcessor.class;
	}

	/**
	 * Refuses a transaction that would begin before the lock is held: what it reads might
	 * be from before.
	 * @param proxy a proxy that has the lock
	 * @param lock the lock's advisor
	 * @param targetClass the bean's class
	 * @param locked the locked methods
	 */
	void check(Advised proxy, Advisor lock, Class<?> targetClass, Collection<Method> locked) {
		List<Advisor> outside = Arrays.asList(proxy.getAdvisors()).subList(0, proxy.indexOf(lock));
		for (Advisor advisor : outside) {
			if (!isA(advisor.getAdvice(), TRANSACTION)) {
				continue;
			}
			for (Method method : locked) {
				if (matches(advisor, method, targetClass)) {
					int found = ((Ordered) advisor).getOrder();
					throw new InvalidNbLockedException(method,
							"cannot work, because its transaction has the order " + found
									+ " and begins before the lock is taken, whose order is " + this.order,
							"Remove 'order' from @EnableTransactionManagement, or let it be greater than that of the lock,"
									+ " dragonflow.lock.aspect.order.");
				}
			}
		}
	}

	private static boolean matches(Advisor advisor, Method method, Class<?> targetClass) {
		return !(advisor instanceof PointcutAdvisor known) || (known.getPointcut().getClassFilter().matches(targetClass)
				&& known.getPointcut().getMethodMatcher().matches(method, targetClass));
	}

	private static boolean isA(Advice advice, String className) {
		for (Class<?> type = advice.getClass(); type != null; type = type.getSuperclass()) {
			if (type.getName().equals(className)) {
				return true;
			}
		}
		return false;
	}

}
