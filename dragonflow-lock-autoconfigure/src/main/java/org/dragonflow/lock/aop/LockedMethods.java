package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodClassKey;
import org.springframework.util.ClassUtils;

/**
 * Remembers what the annotations of locked methods say.
 */
final class LockedMethods {

	private final LockedMethodParser parser;

	private final AnnotatedMethods annotated;

	private final Map<Class<?>, Map<Method, LockedMethod>> byType;

	private final List<Class<?>> ownInterfaces;

	private final Map<MethodClassKey, Optional<LockedMethod>> byCall = new ConcurrentHashMap<>();

	LockedMethods(LockedMethodParser parser) {
		this(parser, new AnnotatedMethods(), new ConcurrentHashMap<>(), List.of());
	}

	private LockedMethods(LockedMethodParser parser, AnnotatedMethods annotated,
			Map<Class<?>, Map<Method, LockedMethod>> byType, List<Class<?>> ownInterfaces) {
		this.parser = parser;
		this.annotated = annotated;
		this.byType = byType;
		this.ownInterfaces = ownInterfaces;
	}

	/**
	 * The same for a proxy that has interfaces which its target does not implement, as
	 * data repositories have.
	 */
	LockedMethods withOwnInterfaces(List<Class<?>> ownInterfaces) {
		return new LockedMethods(this.parser, this.annotated, this.byType, List.copyOf(ownInterfaces));
	}

	/**
	 * The locked methods of a type.
	 * @param type a bean's class or interface
	 * @return the methods that are called in the end, not those that they implement
	 * @throws InvalidNbLockedException if an annotation is wrong
	 */
	Map<Method, LockedMethod> of(Class<?> type) {
		Map<Method, LockedMethod> known = this.byType.get(type);
		if (known == null) {
			known = parse(this.annotated.of(type));
			this.byType.put(type, known);
		}
		return known;
	}

	/**
	 * The locked methods of a type that are annotated themselves. This does not read what
	 * their annotations say.
	 */
	List<Method> ownAnnotated(Class<?> type) {
		return this.annotated.of(type)
			.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().isOfMethod())
			.map(Map.Entry::getKey)
			.toList();
	}

	/**
	 * Whether a method is to be locked. This does not read what its annotation says.
	 * @param method the method that a proxy is called by
	 * @param targetClass the class of the bean
	 * @return whether there is an annotation for it
	 */
	boolean isLocked(Method method, Class<?> targetClass) {
		return AnnotatedMethods.resolve(method, ClassUtils.getUserClass(targetClass), this.ownInterfaces,
				this.annotated::of) != null;
	}

	/**
	 * What to lock for a call.
	 * @param method the method that a proxy was called by
	 * @param targetClass the class of the bean
	 * @return null if nothing
	 */
	@Nullable LockedMethod find(Method method, Class<?> targetClass) {
		MethodClassKey key = new MethodClassKey(method, targetClass);
		Optional<LockedMethod> known = this.byCall.get(key);
		if (known == null) {
			known = Optional.ofNullable(AnnotatedMethods.resolve(method, ClassUtils.getUserClass(targetClass),
					this.ownInterfaces, this::of));
			this.byCall.put(key, known);
		}
		return known.orElse(null);
	}

	private Map<Method, LockedMethod> parse(Map<Method, AnnotatedMethods.Use> uses) {
		Map<Method, LockedMethod> methods = new LinkedHashMap<>();
		uses.forEach((method, use) -> {
			MethodRules.check(method);
			methods.put(method, this.parser.parse(use.annotation(), method, use.declared()));
		});
		return methods.isEmpty() ? Map.of() : Map.copyOf(methods);
	}

}
