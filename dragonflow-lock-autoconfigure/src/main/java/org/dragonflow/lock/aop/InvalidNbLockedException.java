package org.dragonflow.lock.aop;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/**
 * A use of {@link org.dragonflow.lock.NbLocked} that could not protect what it is meant
 * to protect. Thrown when the bean is created.
 */
final class InvalidNbLockedException extends RuntimeException {

	private final String action;

	InvalidNbLockedException(Method method, String problem, String action) {
		this(method, problem, action, null);
	}

	InvalidNbLockedException(Method method, String problem, String action, @Nullable Throwable cause) {
		super("@NbLocked on " + MethodNames.of(method) + " " + problem, cause);
		this.action = action;
	}

	/**
	 * What to change.
	 * @return one or more sentences
	 */
	String getAction() {
		return this.action;
	}

}
