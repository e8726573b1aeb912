package org.dragonflow.lock.aop;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/**
 * A use of {@link org.dragonflow.lock.NbLocked} that could not protect what it is meant
 * to protect. Thrown when the bean is created.
 */
final class InvalidNbLockedException extends RuntimeException {

	private final String action;

	private final boolean early;

	InvalidNbLockedException(Method method, String problem, String action) {
		this(method, problem, action, null);
	}

	InvalidNbLockedException(Method method, String problem, String action, @Nullable Throwable cause) {
		this(method, problem, action, false, cause);
	}

	private InvalidNbLockedException(Method method, String problem, String action, boolean early,
			@Nullable Throwable cause) {
		super("@NbLocked on " + MethodNames.of(method) + " " + problem, cause);
		this.action = action;
		this.early = early;
	}

	/**
	 * Of a bean that must not be created yet. Which beans it is created for, the
	 * exceptions around this one tell.
	 */
	static InvalidNbLockedException createdEarly(Method method, String problem, String action) {
		return new InvalidNbLockedException(method, problem, action, true, null);
	}

	boolean isEarly() {
		return this.early;
	}

	/**
	 * What to change.
	 * @return one or more sentences
	 */
	String getAction() {
		return this.action;
	}

}
