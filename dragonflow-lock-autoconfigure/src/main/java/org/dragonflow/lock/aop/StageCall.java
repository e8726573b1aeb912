package org.dragonflow.lock.aop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.aopalliance.intercept.MethodInvocation;
import org.dragonflow.lock.LockHandle;
import org.jspecify.annotations.Nullable;

/**
 * A call of a method that returns a {@link CompletionStage}: made once the lock is held,
 * which is until the stage is complete. Nothing that the caller does to its own future is
 * passed on to the stage: a cancelled one would be complete, though its work goes on.
 */
final class StageCall {

	private final MethodInvocation invocation;

	private final AsyncHold hold;

	private final CompletableFuture<@Nullable Object> result = new CompletableFuture<>();

	private StageCall(MethodInvocation invocation, AsyncHold hold) {
		this.invocation = invocation;
		this.hold = hold;
	}

	static CompletableFuture<@Nullable Object> begin(AsyncHold hold, MethodInvocation invocation) {
		StageCall call = new StageCall(invocation, hold);
		call.result.whenComplete((value, failure) -> hold.giveUpWait());
		hold.begin(call::work, call.result::completeExceptionally);
		return call.result;
	}

	private void work(LockHandle handle) {
		if (this.result.isDone()) {
			finish(null, null);
			return;
		}
		try {
			stage(this.hold.proceed(handle, this.invocation)).whenComplete(this::finish);
		}
		catch (Throwable ex) {
			finish(null, ex);
		}
	}

	private CompletionStage<?> stage(@Nullable Object returned) {
		if (returned instanceof CompletionStage<?> stage) {
			return stage;
		}
		throw new IllegalStateException(this.invocation.getMethod() + " has returned null instead of a stage");
	}

	private void finish(@Nullable Object value, @Nullable Throwable failure) {
		this.hold.end().whenComplete((none, releaseFailure) -> {
			if (releaseFailure != null && this.result.isDone()) {
				this.hold.logUnheard(releaseFailure);
			}
			else if (failure != null) {
				NbLockedInterceptor.suppress(failure, releaseFailure);
				this.result.completeExceptionally(failure);
			}
			else if (releaseFailure != null) {
				this.result.completeExceptionally(releaseFailure);
			}
			else {
				this.result.complete(value);
			}
		});
	}

}
