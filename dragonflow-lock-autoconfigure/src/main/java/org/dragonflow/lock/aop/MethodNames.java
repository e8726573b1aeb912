package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Collectors;

import org.springframework.util.ClassUtils;

/**
 * Names methods in messages.
 */
final class MethodNames {

	private MethodNames() {
	}

	/**
	 * Class and method, without packages and parameters: the ones of one name have one
	 * purpose.
	 */
	static String shortOf(Method method) {
		return ClassUtils.getShortName(method.getDeclaringClass()) + "." + method.getName();
	}

	static String of(Method method) {
		String parameters = Arrays.stream(method.getParameterTypes())
			.map(Class::getSimpleName)
			.collect(Collectors.joining(", "));
		return method.getDeclaringClass().getName() + "." + method.getName() + "(" + parameters + ")";
	}

}
