package org.dragonflow.lock.aop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockException;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.system.JavaVersion;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;
import org.springframework.util.ClassUtils;

/**
 * A hold that is waited for and released without blocking whoever wants it. It belongs to
 * no thread.
 */
final class AsyncHold {

	private static final Log logger = LogFactory.getLog(AsyncHold.class);

	// A thread for each wait and for each release. With any fixed number, waiting threads
	// could keep the release that they wait for from running.
	private static final Executor THREADS = threads();

	private final DistributedLock lock;

	private final Executor threads;

	private final CompletableFuture<LockHandle> handle = new CompletableFuture<>();

	private final FutureTask<@Nullable Void> acquisition;

	private AsyncHold(DistributedLock lock, LockRequest request, Executor threads) {
		this.lock = lock;
		this.threads = threads;
		this.acquisition = new FutureTask<>(() -> acquire(lock, request), null);
	}

	private static Executor threads() {
		SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("dragonflow-lock-async-");
		threads.setDaemon(true);
		threads.setVirtualThreads(JavaVersion.getJavaVersion().isEqualOrNewerThan(JavaVersion.TWENTY_ONE));
		if (ClassUtils.isPresent("io.micrometer.context.ContextSnapshotFactory", AsyncHold.class.getClassLoader())) {
			// What the caller is observed as, for one, goes with the work to the thread
			// that waits for it.
			threads.setTaskDecorator(new ContextPropagatingTaskDecorator());
		}
		return threads;
	}

	/**
	 * Begins to wait for a lock.
	 * @throws IllegalStateException if the calling thread holds it itself, and so would
	 * be likely to wait for what waits for it
	 */
	static AsyncHold begin(DistributedLock lock, LockRequest request) {
		return begin(lock, request, THREADS);
	}

	static AsyncHold begin(DistributedLock lock, LockRequest request, Executor threads) {
		for (String objectId : request.objectIds()) {
			if (lock.held(objectId) != null) {
				throw new IllegalStateException("This thread holds '" + objectId
						+ "' itself, and an asynchronous call does not share its hold: unlock it first,"
						+ " and where it was locked inside a transaction, let that complete");
			}
		}
		AsyncHold hold = new AsyncHold(lock, request, threads);
		threads.execute(hold.acquisition);
		return hold;
	}

	private void acquire(DistributedLock lock, LockRequest request) {
		LockHandle granted;
		try {
			granted = lock.acquire(request);
		}
		catch (Throwable ex) {
			this.handle.completeExceptionally(ex);
			return;
		}
		if (!this.handle.complete(granted)) {
			// Too late. On another thread, because this one is interrupted.
			inAnyCase(() -> releaseUnwanted(granted));
		}
	}

	/**
	 * Releases on a thread that may block, or on the one at hand if there is none to be
	 * had: nobody else would.
	 */
	private void inAnyCase(Runnable release) {
		try {
			this.threads.execute(release);
		}
		catch (Throwable ex) {
			logger.debug("No thread could be started to release a lock", ex);
			release.run();
		}
	}

	private static void releaseUnwanted(LockHandle granted) {
		try {
			NbLockedInterceptor.release(granted);
		}
		catch (LockException ex) {
			logger.warn("A lock that was granted after its wait had been cancelled was not released", ex);
		}
	}

	/**
	 * Completes when the lock is held, on a thread that may block; or fails as
	 * {@link DistributedLock#acquire} does.
	 */
	CompletableFuture<LockHandle> handle() {
		return this.handle;
	}

	/**
	 * Makes the call that the lock is held for: {@link DistributedLock#held} shows the
	 * hold to whatever this thread does until the call returns.
	 * @param granted the result of {@link #handle()}
	 */
	@Nullable Object proceed(LockHandle granted, MethodInvocation invocation) throws Throwable {
		// Only an exception can pass through.
		AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
		@Nullable Object result = this.lock.callWith(granted, () -> {
			try {
				return invocation.proceed();
			}
			catch (Throwable ex) {
				failure.set(ex);
				return null;
			}
		});
		Throwable thrown = failure.get();
		if (thrown != null) {
			throw thrown;
		}
		return result;
	}

	/**
	 * Ends the wait, unless it is over.
	 */
	void cancelWait() {
		// In this order: once granted, the thread does the caller's work, and must not be
		// interrupted.
		if (this.handle.cancel(false)) {
			this.acquisition.cancel(true);
		}
	}

	/**
	 * Ends the wait, or releases what is held.
	 * @return completes when that is done, or with the exception that tells of a loss
	 */
	CompletableFuture<@Nullable Void> end() {
		cancelWait();
		if (this.handle.isCompletedExceptionally()) {
			return CompletableFuture.completedFuture(null);
		}
		CompletableFuture<@Nullable Void> released = new CompletableFuture<>();
		inAnyCase(() -> {
			try {
				NbLockedInterceptor.release(this.handle.join());
				released.complete(null);
			}
			catch (Throwable ex) {
				released.completeExceptionally(ex);
			}
		});
		return released;
	}

}
