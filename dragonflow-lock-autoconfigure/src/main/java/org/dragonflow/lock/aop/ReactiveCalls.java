package org.dragonflow.lock.aop;

import java.util.function.Supplier;

import org.dragonflow.lock.LockLostException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Calls of methods that return Reactor's types: made for each subscription once its lock
 * is held, which is until the subscription has ended. Loaded only where there is Reactor.
 */
final class ReactiveCalls {

	private ReactiveCalls() {
	}

	/**
	 * Wraps the call of a method that returns a {@code Mono}.
	 * @param holds makes what each subscription has to begin and to end
	 */
	static Mono<?> mono(Supplier<AsyncHold> holds, ProxyMethodInvocation invocation) {
		return Mono
			.usingWhen(Mono.fromSupplier(holds), (hold) -> Mono.fromDirect(work(hold, invocation)), ReactiveCalls::end,
					ReactiveCalls::endAfter, ReactiveCalls::endUnheard)
			.onErrorMap(ReactiveCalls::unwrapped);
	}

	static Flux<?> flux(Supplier<AsyncHold> holds, ProxyMethodInvocation invocation) {
		return Flux
			.usingWhen(Mono.fromSupplier(holds), (hold) -> work(hold, invocation), ReactiveCalls::end,
					ReactiveCalls::endAfter, ReactiveCalls::endUnheard)
			.onErrorMap(ReactiveCalls::unwrapped);
	}

	private static Publisher<Object> work(AsyncHold hold, ProxyMethodInvocation invocation) {
		return (subscriber) -> ReactiveWork.begin(subscriber, hold, invocation);
	}

	private static Mono<?> end(AsyncHold hold) {
		return Mono.fromFuture(hold.end(), true);
	}

	private static Mono<?> endAfter(AsyncHold hold, Throwable failure) {
		return end(hold).onErrorResume((releaseFailure) -> {
			NbLockedInterceptor.suppress(failure, releaseFailure);
			return Mono.empty();
		});
	}

	private static Mono<?> endUnheard(AsyncHold hold) {
		return end(hold).onErrorResume((releaseFailure) -> {
			hold.logUnheard(releaseFailure);
			return Mono.empty();
		});
	}

	private static Throwable unwrapped(Throwable failure) {
		// Reactor wraps what the release at the end of the work throws.
		@Nullable Throwable cause = failure.getCause();
		return (failure.getClass() == RuntimeException.class && cause instanceof LockLostException) ? cause : failure;
	}

}
