package org.dragonflow.lock.autoconfigure;

import java.util.Set;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Tells which property has left out the lock that a bean wants. Before Boot's own
 * analysis, which proposes to define one.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class MissingLockFailureAnalyzer extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException> {

	private static final String LOCK_REGISTRY = "org.springframework.integration.support.locks.LockRegistry";

	private static final Set<String> OF_THE_LIBRARY = Set.of(DistributedLock.class.getName(),
			LockEngine.class.getName(), LockDriver.class.getName(), LOCK_REGISTRY,
			"org.dragonflow.lock.integration.DragonflowLockRegistry",
			"org.springframework.integration.support.locks.ExpirableLockRegistry",
			"org.springframework.integration.support.locks.RenewableLockRegistry");

	private final BeanFactory beanFactory;

	private final Environment environment;

	MissingLockFailureAnalyzer(BeanFactory beanFactory, Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause) {
		Class<?> type = (cause.getResolvableType() != null) ? cause.getResolvableType().resolve() : null;
		// One of several is not missing.
		if (type == null || !OF_THE_LIBRARY.contains(type.getName())
				|| cause instanceof NoUniqueBeanDefinitionException) {
			return null;
		}
		if (!BuildTimeChoice.of(this.environment).enabled()) {
			return new FailureAnalysis(
					"There is no " + type.getSimpleName() + " bean, because 'dragonflow.lock.enabled' is false."
							+ " The application wants one: " + rootFailure.getMessage(),
					"Remove dragonflow.lock.enabled, or set it to true. To run without locks, take an ObjectProvider<"
							+ type.getSimpleName() + "> where it is injected, or define a bean of that type.",
					cause);
		}
		if (type == LockDriver.class) {
			return new NoLockDriverFailureAnalyzer(this.beanFactory).analyze(rootFailure,
					new NoLockDriverException(this.environment.getProperty("dragonflow.lock.driver")));
		}
		return null;
	}

}
