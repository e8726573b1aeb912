package org.dragonflow.lock.aop;

import java.util.function.Function;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Calls of methods that return Reactor's types: made for each subscription once its lock
 * is held, which is until the subscription has ended. Loaded only where there is Reactor.
 */
final class ReactiveCalls {

	private ReactiveCalls() {
	}

	static Mono<?> mono(DistributedLock lock, LockRequest request, ProxyMethodInvocation invocation) {
		return Mono
			.usingWhen(begin(lock, request),
					(hold) -> granted(hold)
						.flatMap((handle) -> ((Mono<?>) proceed(hold, handle, invocation)).contextWrite(shows(handle))),
					ReactiveCalls::end, ReactiveCalls::endAfter, ReactiveCalls::end)
			.onErrorMap(ReactiveCalls::unwrapped);
	}

	static Flux<?> flux(DistributedLock lock, LockRequest request, ProxyMethodInvocation invocation) {
		return Flux
			.usingWhen(begin(lock, request),
					(hold) -> granted(hold).flatMapMany(
							(handle) -> ((Flux<?>) proceed(hold, handle, invocation)).contextWrite(shows(handle))),
					ReactiveCalls::end, ReactiveCalls::endAfter, ReactiveCalls::end)
			.onErrorMap(ReactiveCalls::unwrapped);
	}

	/**
	 * Yields at once, before the lock is held, so that a cancellation always finds what
	 * it has to end.
	 */
	private static Mono<AsyncHold> begin(DistributedLock lock, LockRequest request) {
		return Mono.fromSupplier(() -> AsyncHold.begin(lock, request));
	}

	private static Mono<LockHandle> granted(AsyncHold hold) {
		return Mono.fromFuture(hold.handle(), true);
	}

	/**
	 * Lets the work find its hold, on whichever thread it is.
	 */
	private static Function<Context, Context> shows(LockHandle handle) {
		return (context) -> context.put(LockHandle.class, new ReadOnlyHandle(handle));
	}

	private static Mono<?> end(AsyncHold hold) {
		return Mono.fromFuture(hold.end(), true);
	}

	private static Mono<?> endAfter(AsyncHold hold, Throwable failure) {
		return end(hold).onErrorResume((releaseFailure) -> {
			failure.addSuppressed(releaseFailure);
			return Mono.empty();
		});
	}

	private static Object proceed(AsyncHold hold, LockHandle handle, ProxyMethodInvocation invocation) {
		try {
			// An invocation can be made only once; there may be many subscriptions.
			Object returned = hold.proceed(handle, invocation.invocableClone());
			if (returned == null) {
				throw new IllegalStateException(invocation.getMethod() + " has returned null instead of a publisher");
			}
			return returned;
		}
		catch (Throwable ex) {
			throw Exceptions.propagate(ex);
		}
	}

	private static Throwable unwrapped(Throwable failure) {
		// Reactor wraps what the release at the end of the work throws.
		@Nullable Throwable cause = failure.getCause();
		return (failure.getClass() == RuntimeException.class && cause instanceof LockLostException) ? cause : failure;
	}

}
