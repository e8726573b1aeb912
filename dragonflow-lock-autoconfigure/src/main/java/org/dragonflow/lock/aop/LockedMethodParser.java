package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.time.Duration;

import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.expression.spel.support.StandardTypeLocator;

/**
 * Reads an annotation, and refuses what makes no sense.
 */
final class LockedMethodParser {

	private final ConfigurableBeanFactory beanFactory;

	private final Duration minLease;

	private final StandardEvaluationContext shared;

	LockedMethodParser(ConfigurableBeanFactory beanFactory, Duration minLease) {
		this.beanFactory = beanFactory;
		this.minLease = minLease;
		this.shared = new StandardEvaluationContext();
		this.shared.setBeanResolver(new BeanFactoryResolver(beanFactory));
		this.shared.setTypeLocator(new StandardTypeLocator(beanFactory.getBeanClassLoader()));
	}

	LockedMethod parse(MergedAnnotation<NbLocked> annotation, Method method, Method declared) {
		String scope = text(annotation, "scope", method);
		if (scope.contains(":")) {
			// It would let the ids of two scopes become the same text.
			throw new InvalidNbLockedException(method, "has the scope '" + scope + "', which contains a colon",
					"Choose a scope without a colon: the colon ends the scope in the locked id.");
		}
		Duration waitTime = duration(annotation, "waitTime", method);
		if (!annotation.getBoolean("block")) {
			if (waitTime != null) {
				throw new InvalidNbLockedException(method, "says block = false and waitTime = \"" + waitTime + "\"",
						"Remove one of them: block = false does not wait at all.");
			}
			waitTime = Duration.ZERO;
		}
		else if (waitTime != null && waitTime.isNegative()) {
			throw new InvalidNbLockedException(method, "has the negative waitTime " + waitTime,
					"Use zero or more, or block = false to try once.");
		}
		Duration lease = duration(annotation, "lease", method);
		if (lease != null && lease.compareTo(this.minLease) < 0) {
			throw new InvalidNbLockedException(method, "has the lease " + lease + ", which is too short",
					"Use a lease of " + this.minLease.toMillis() + "ms or more.");
		}
		ObjectIdExpression expression = new ObjectIdExpression(text(annotation, "value", method), method, declared,
				this.shared);
		String label = scope.isEmpty() ? MethodNames.shortOf(method) : scope;
		return new LockedMethod(expression, label, scope.isEmpty() ? "" : scope + ":", waitTime, lease,
				ResultType.of(method));
	}

	private @Nullable Duration duration(MergedAnnotation<NbLocked> annotation, String attribute, Method method) {
		String text = text(annotation, attribute, method);
		if (text.isEmpty()) {
			return null;
		}
		try {
			return DurationStyle.detectAndParse(text);
		}
		catch (IllegalArgumentException | ArithmeticException ex) {
			throw new InvalidNbLockedException(method,
					"has the " + attribute + " \"" + text + "\", which is not a duration",
					"Write a number with its unit (5s, 500ms) or an ISO-8601 duration (PT5S).", ex);
		}
	}

	private String text(MergedAnnotation<NbLocked> annotation, String attribute, Method method) {
		String text = annotation.getString(attribute);
		try {
			String resolved = this.beanFactory.resolveEmbeddedValue(text);
			return (resolved != null) ? resolved : "";
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidNbLockedException(method,
					"has the " + attribute + " \"" + text + "\", whose placeholder cannot be resolved ("
							+ ex.getMessage() + ")",
					"Define the property, or give the placeholder a default: ${name:default}.", ex);
		}
	}

}
