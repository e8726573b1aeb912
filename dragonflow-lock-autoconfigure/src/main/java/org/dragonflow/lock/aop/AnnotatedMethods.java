package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
import org.springframework.util.ClassUtils;
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
	 * @param method the method that a proxy was called by: of the bean's class or of any
	 * type above it, or the bridge to one
	 * @param type the class of the bean
	 * @param ownInterfaces the interfaces that only the proxy has
	 * @param ofType gives what is known of the methods of a type
	 * @return null if nothing
	 */
	static <T> @Nullable T resolve(Method method, Class<?> type, List<Class<?>> ownInterfaces,
			Function<Class<?>, Map<Method, T>> ofType) {
		T found = ofType.apply(type).get(AopUtils.getMostSpecificMethod(method, type));
		if (found == null && Proxy.isProxyClass(type)) {
			found = resolveByInterfaces(method, List.of(type.getInterfaces()), ofType);
		}
		return (found != null) ? found : resolveByInterfaces(method, ownInterfaces, ofType);
	}

	private static <T> @Nullable T resolveByInterfaces(Method method, List<Class<?>> interfaces,
			Function<Class<?>, Map<Method, T>> ofType) {
		for (Class<?> type : interfaces) {
			if (method.getDeclaringClass().isAssignableFrom(type)) {
				T found = ofType.apply(type).get(AopUtils.getMostSpecificMethod(method, type));
				if (found != null) {
					return found;
				}
			}
		}
		return null;
	}

	private Map<Method, Use> scan(Class<?> type) {
		if (Proxy.isProxyClass(type)) {
			// It has no methods of its own that could be annotated.
			Map<Method, Use> methods = new LinkedHashMap<>();
			Arrays.stream(type.getInterfaces()).map(this::of).forEach(methods::putAll);
			return Map.copyOf(methods);
		}
		if (!AnnotationUtils.isCandidateClass(type, NbLocked.class)) {
			return Map.of();
		}
		List<MergedAnnotation<NbLocked>> ofType = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY)
			.stream(NbLocked.class)
			.toList();
		Map<Method, Use> methods = new LinkedHashMap<>();
		MethodIntrospector
			.selectMethods(type, (MethodIntrospector.MetadataLookup<Use>) (method) -> inspect(method, type, ofType))
			// A bridge has the annotations of what it leads to.
			.forEach((method, use) -> methods.put(AopUtils.getMostSpecificMethod(method, type), use));
		addInherited(type, methods);
		return Map.copyOf(methods);
	}

	/**
	 * Adds what implements an annotated method of an interface without knowing of it: the
	 * class that declares it is above the one that has the interface.
	 */
	private static void addInherited(Class<?> type, Map<Method, Use> methods) {
		for (Class<?> implemented : ClassUtils.getAllInterfacesForClassAsSet(type)) {
			for (Method method : implemented.getMethods()) {
				MergedAnnotation<NbLocked> annotation = annotationOf(method);
				Method last = AopUtils.getMostSpecificMethod(method, type);
				Use known = methods.get(last);
				if (annotation.isPresent() && (known == null || !known.isOfMethod())) {
					methods.put(last, use(annotation, method));
				}
			}
		}
	}

	private static @Nullable Use inspect(Method method, Class<?> type, List<MergedAnnotation<NbLocked>> ofType) {
		MergedAnnotation<NbLocked> own = annotationOf(method);
		if (own.isPresent()) {
			return use(own, method);
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

	private static MergedAnnotation<NbLocked> annotationOf(Method method) {
		return MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY).get(NbLocked.class);
	}

	private static Use use(MergedAnnotation<NbLocked> annotation, Method method) {
		return new Use(annotation, (annotation.getSource() instanceof Method source) ? source : method);
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

		boolean isOfMethod() {
			return this.annotation.getSource() instanceof Method;
		}

	}

}
