package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the methods of types that are to be locked, and their annotations. What these say
 * is read elsewhere: while an application is processed ahead of time, their placeholders
 * need not have values yet.
 */
final class AnnotatedMethods {

	private final Map<Class<?>, Map<Method, Use>> byType = new ConcurrentHashMap<>();

	/**
	 * The annotated methods of a type.
	 * @param type a bean's class or interface
	 * @return the methods that are called in the end, not those that they implement
	 */
	Map<Method, Use> of(Class<?> type) {
		Map<Method, Use> known = this.byType.get(type);
		if (known == null) {
			known = scan(type);
			this.byType.put(type, known);
		}
		return known;
	}

	/**
	 * Finds what is known of the method that a call ends in.
	 * @param method the method that a proxy was called by
	 * @param type the class of the bean
	 * @param ofType gives what is known of the methods of a type
	 * @return null if nothing
	 */
	static <T> @Nullable T resolve(Method method, Class<?> type, Function<Class<?>, Map<Method, T>> ofType) {
		Map<Method, T> methods = ofType.apply(type);
		T found = methods.get(AopUtils.getMostSpecificMethod(method, type));
		if (found == null) {
			// The class is a proxy itself: its methods are known as those of its
			// interfaces.
			found = methods.get(method);
		}
		if (found == null && !method.getDeclaringClass().isAssignableFrom(type)) {
			// An interface that only the proxy has, such as that of a data repository.
			found = ofType.apply(method.getDeclaringClass()).get(method);
		}
		return found;
	}

	private static Map<Method, Use> scan(Class<?> type) {
		if (!AnnotationUtils.isCandidateClass(type, NbLocked.class)) {
			return Map.of();
		}
		List<MergedAnnotation<NbLocked>> ofType = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY)
			.stream(NbLocked.class)
			.toList();
		Map<Method, Use> methods = MethodIntrospector.selectMethods(type,
				(MethodIntrospector.MetadataLookup<Use>) (method) -> inspect(method, type, ofType));
		return methods.isEmpty() ? Map.of() : Map.copyOf(methods);
	}

	private static @Nullable Use inspect(Method method, Class<?> type, List<MergedAnnotation<NbLocked>> ofType) {
		MergedAnnotation<NbLocked> own = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY)
			.get(NbLocked.class);
		if (own.isPresent()) {
			return new Use(own, (own.getSource() instanceof Method source) ? source : method);
		}
		if (!Modifier.isPublic(method.getModifiers()) || Modifier.isStatic(method.getModifiers())
				|| ReflectionUtils.isObjectMethod(method)) {
			return null;
		}
		for (MergedAnnotation<NbLocked> annotation : ofType) {
			Method declared = declaredBy(annotation, method, type);
			if (declared != null) {
				return new Use(annotation, declared);
			}
		}
		return null;
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

	/**
	 * A use of the annotation.
	 *
	 * @param annotation as it is found, with its aliases
	 * @param declared the method that it was found on, or that a type's is meant for
	 */
	record Use(MergedAnnotation<NbLocked> annotation, Method declared) {
	}

}
