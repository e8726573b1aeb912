package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;

import org.springframework.core.KotlinDetector;
import org.springframework.util.ClassUtils;

/**
 * When the work of a method is done, by what it returns.
 */
enum ResultType {

	/**
	 * When it returns.
	 */
	VALUE,

	/**
	 * When the {@link CompletionStage} that it returns is complete.
	 */
	STAGE,

	/**
	 * When the {@code Mono} that it returns has ended; once for each subscription.
	 */
	MONO,

	/**
	 * When the {@code Flux} that it returns has ended; once for each subscription.
	 */
	FLUX;

	private static final String PUBLISHER = "org.reactivestreams.Publisher";

	/**
	 * The type of a method's result.
	 * @throws InvalidNbLockedException if the work goes on after the method has returned,
	 * and nothing tells its end
	 */
	static ResultType of(Method method) {
		Class<?> type = method.getReturnType();
		if (type == CompletionStage.class || type == CompletableFuture.class) {
			return STAGE;
		}
		// By name: the application may or may not have the libraries.
		switch (type.getName()) {
			case "reactor.core.publisher.Mono":
				return MONO;
			case "reactor.core.publisher.Flux":
				return FLUX;
			default:
		}
		if (KotlinDetector.isSuspendingFunction(method)) {
			throw refused(method, "it is a suspend function, which a proxy sees return whenever it suspends");
		}
		if (Future.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type)
				|| Flow.Publisher.class.isAssignableFrom(type) || isPublisher(type)) {
			throw refused(method,
					"a " + type.getName() + " cannot be replaced by one that ends when the lock is released");
		}
		return VALUE;
	}

	private static boolean isPublisher(Class<?> type) {
		return type.getName().equals(PUBLISHER) || ClassUtils.getAllInterfacesForClassAsSet(type)
			.stream()
			.anyMatch((implemented) -> implemented.getName().equals(PUBLISHER));
	}

	private static InvalidNbLockedException refused(Method method, String reason) {
		return new InvalidNbLockedException(method,
				"cannot work, because the method returns before its work is done, and " + reason,
				"Let it return a CompletionStage, CompletableFuture, Mono or Flux."
						+ " Or use DistributedLock.acquire, and close the handle when the work is done.");
	}

}
