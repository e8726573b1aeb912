package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the locked methods of types, and remembers what their annotations say.
 */
final class LockedMethods {

	private final LockedMethodParser parser;

	private final Map<Class<?>, Map<Method, LockedMethod>> byType = new ConcurrentHashMap<>();

	private final Map<MethodClassKey, Optional<LockedMethod>> byCall = new ConcurrentHashMap<>();

	LockedMethods(LockedMethodParser parser) {
		this.parser = parser;
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
			known = scan(type);
			this.byType.put(type, known);
		}
		return known;
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
			known = Optional.ofNullable(resolve(method, ClassUtils.getUserClass(targetClass)));
			this.byCall.put(key, known);
		}
		return known.orElse(null);
	}

	private @Nullable LockedMethod resolve(Method method, Class<?> type) {
		Map<Method, LockedMethod> methods = of(type);
		LockedMethod locked = methods.get(AopUtils.getMostSpecificMethod(method, type));
		if (locked == null) {
			// The class is a proxy itself: its methods are known as those of its
			// interfaces.
			locked = methods.get(method);
		}
		if (locked == null && !method.getDeclaringClass().isAssignableFrom(type)) {
			// An interface that only the proxy has, such as that of a data repository.
			locked = of(method.getDeclaringClass()).get(method);
		}
		return locked;
	}

	private Map<Method, LockedMethod> scan(Class<?> type) {
		if (!AnnotationUtils.isCandidateClass(type, NbLocked.class)) {
			return Map.of();
		}
		List<MergedAnnotation<NbLocked>> ofType = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY)
			.stream(NbLocked.class)
			.toList();
		Map<Method, LockedMethod> methods = MethodIntrospector.selectMethods(type,
				(MethodIntrospector.MetadataLookup<LockedMethod>) (method) -> inspect(method, type, ofType));
		return methods.isEmpty() ? Map.of() : Map.copyOf(methods);
	}

	private @Nullable LockedMethod inspect(Method method, Class<?> type, List<MergedAnnotation<NbLocked>> ofType) {
		MergedAnnotation<NbLocked> own = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY)
			.get(NbLocked.class);
		if (own.isPresent()) {
			Method declared = (own.getSource() instanceof Method source) ? source : method;
			return parse(own, method, declared);
		}
		if (!Modifier.isPublic(method.getModifiers()) || Modifier.isStatic(method.getModifiers())
				|| ReflectionUtils.isObjectMethod(method)) {
			return null;
		}
		for (MergedAnnotation<NbLocked> annotation : ofType) {
			Method declared = declaredBy(annotation, method, type);
			if (declared != null) {
				return parse(annotation, method, declared);
			}
		}
		return null;
	}

	private LockedMethod parse(MergedAnnotation<NbLocked> annotation, Method method, Method declared) {
		MethodRules.check(method);
		return this.parser.parse(annotation, method, declared);
	}

	/**
	 * Whether an annotation on a type is meant for a method: one on a class for all
	 * public methods, one on an interface for those of the interface.
	 */
	private static @Nullable Method declaredBy(MergedAnnotation<NbLocked> annotation, Method method, Class<?> type) {
		if (!(annotation.getSource() instanceof Class<?> source) || !source.isInterface()) {
			return method;
		}
		return Arrays.stream(source.getMethods())
			.filter((candidate) -> AopUtils.getMostSpecificMethod(candidate, type).equals(method))
			.findFirst()
			.orElse(null);
	}

}
