package org.dragonflow.lock.aop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.aopalliance.intercept.MethodInvocation;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * A call of a method that returns a {@link CompletionStage}: made once the lock is held,
 * which is until the stage is complete.
 */
final class StageCall {

	private final MethodInvocation invocation;

	private final AsyncHold hold;

	private final CompletableFuture<@Nullable Object> result = new CompletableFuture<>();

	private StageCall(MethodInvocation invocation, AsyncHold hold) {
		this.invocation = invocation;
		this.hold = hold;
	}

	static CompletableFuture<@Nullable Object> begin(DistributedLock lock, LockRequest request,
			MethodInvocation invocation) {
		StageCall call = new StageCall(invocation, AsyncHold.begin(lock, request));
		call.result.whenComplete((value, failure) -> call.hold.cancelWait());
		call.hold.handle().whenComplete((handle, failure) -> {
			if (failure != null) {
				call.result.completeExceptionally(failure);
			}
			else {
				call.work(handle);
			}
		});
		return call.result;
	}

	private void work(LockHandle handle) {
		if (this.result.isDone()) {
			finish(null, null);
			return;
		}
		CompletionStage<?> work;
		try {
			work = stage(this.hold.proceed(handle, this.invocation));
		}
		catch (Throwable ex) {
			finish(null, ex);
			return;
		}
		// A stage that cannot be cancelled goes on, and so does the hold.
		this.result.whenComplete((value, failure) -> work.toCompletableFuture().cancel(true));
		work.whenComplete(this::finish);
	}

	private CompletionStage<?> stage(@Nullable Object returned) {
		if (returned instanceof CompletionStage<?> stage) {
			return stage;
		}
		throw new IllegalStateException(this.invocation.getMethod() + " has returned null instead of a stage");
	}

	private void finish(@Nullable Object value, @Nullable Throwable failure) {
		this.hold.end().whenComplete((none, releaseFailure) -> {
			if (failure != null) {
				if (releaseFailure != null) {
					failure.addSuppressed(releaseFailure);
				}
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
