package org.dragonflow.lock.aop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * A hold that is waited for, used and released without blocking whoever wants it. It
 * belongs to no thread. The thread that has waited for it goes on to the work: whatever
 * hands that over could find itself on the thread of the caller.
 */
final class AsyncHold {

	private static final Log logger = LogFactory.getLog(AsyncHold.class);

	private final DistributedLock lock;

	private final LockRequest request;

	private final Executor threads;

	private final FutureTask<LockHandle> wait = new FutureTask<>(this::acquire);

	private volatile @Nullable LockHandle granted;

	// Who needs what is granted: whoever is to call end(), and each thread of the library
	// that is at work. The first of these is the one that waits.
	private final AtomicInteger users = new AtomicInteger(2);

	private final AtomicBoolean ended = new AtomicBoolean();

	private final CompletableFuture<@Nullable Void> released = new CompletableFuture<>();

	/**
	 * Creates what holds the lock once {@link #begin} was called, and it was to be had.
	 * @throws IllegalStateException if the calling thread holds it itself, and so would
	 * be likely to wait for what waits for it
	 */
	AsyncHold(DistributedLock lock, LockRequest request) {
		this(lock, request, AsyncThreads.INSTANCE);
	}

	AsyncHold(DistributedLock lock, LockRequest request, Executor threads) {
		for (String objectId : request.objectIds()) {
			if (lock.held(objectId) != null) {
				throw new IllegalStateException("This thread holds '" + objectId
						+ "' itself, and an asynchronous call does not share its hold: unlock it first,"
						+ " and where it was locked inside a transaction, let that complete");
			}
		}
		this.lock = lock;
		this.request = request;
		this.threads = threads;
	}

	/**
	 * Begins to wait for the lock. One of the two is called then, unless the wait is
	 * given up or ended.
	 * @param work the work, or its beginning, on a thread of the library that may block
	 * @param refused told what {@link DistributedLock#acquire} has thrown, or that there
	 * is no thread to wait
	 */
	void begin(Consumer<LockHandle> work, Consumer<Throwable> refused) {
		try {
			this.threads.execute(() -> run(work, refused));
		}
		catch (Throwable ex) {
			if (this.wait.cancel(true)) {
				refused.accept(noThread("wait for", ex));
			}
		}
	}

	private void run(Consumer<LockHandle> work, Consumer<Throwable> refused) {
		// Once this has returned, no interrupt can come: it would meet the caller's work.
		this.wait.run();
		if (this.wait.isCancelled()) {
			releaseUnwanted();
			return;
		}
		LockHandle handle;
		try {
			handle = this.wait.get();
		}
		catch (InterruptedException | ExecutionException ex) {
			@Nullable Throwable cause = ex.getCause();
			refused.accept((cause != null) ? cause : ex);
			return;
		}
		try {
			work.accept(handle);
		}
		finally {
			leave(true);
		}
	}

	private LockHandle acquire() throws InterruptedException {
		LockHandle handle = this.lock.acquire(this.request);
		this.granted = handle;
		return handle;
	}

	private void releaseUnwanted() {
		LockHandle late = this.granted;
		if (late != null) {
			// By the end of the wait, which is over.
			Thread.interrupted();
			try {
				NbLockedInterceptor.release(late);
			}
			catch (Throwable ex) {
				logUnheard(ex);
			}
		}
	}

	private LockStoreException noThread(String purpose, Throwable cause) {
		return LockStoreException.unreachable(
				"No thread could be started to " + purpose + " the lock on " + this.request.objectIds(), cause);
	}

	/**
	 * Makes the call that the lock is held for: {@link DistributedLock#held} shows the
	 * hold to whatever this thread does until the call returns.
	 * @param handle what {@link #begin} has passed to the work
	 */
	@Nullable Object proceed(LockHandle handle, MethodInvocation invocation) throws Throwable {
		// Only an exception can pass through.
		AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
		@Nullable Object result = this.lock.callWith(handle, () -> {
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
	 * Does more of the work, on a thread of the library. Does nothing where the lock has
	 * been released.
	 * @throws LockStoreException if there is no thread to be had
	 */
	void execute(Runnable work) {
		if (this.users.getAndUpdate((count) -> (count > 0) ? count + 1 : 0) == 0) {
			return;
		}
		try {
			this.threads.execute(() -> {
				try {
					work.run();
				}
				finally {
					leave(true);
				}
			});
		}
		catch (Throwable ex) {
			leave(false);
			throw noThread("work under", ex);
		}
	}

	/**
	 * Ends the wait, unless it is over. What has been granted is kept.
	 */
	void giveUpWait() {
		this.wait.cancel(true);
	}

	/**
	 * Ends the wait, or releases what is held as soon as no thread of the library is at
	 * work under it.
	 * @return completes when that is done, or with the exception that tells of a loss
	 */
	CompletableFuture<@Nullable Void> end() {
		giveUpWait();
		if (this.wait.isCancelled() || this.granted == null) {
			this.released.complete(null);
		}
		else if (this.ended.compareAndSet(false, true)) {
			leave(false);
		}
		return this.released;
	}

	private void leave(boolean mayBlock) {
		if (this.users.decrementAndGet() > 0) {
			return;
		}
		if (mayBlock) {
			release();
			return;
		}
		try {
			this.threads.execute(this::release);
		}
		catch (Throwable ex) {
			// On the thread at hand: nobody else would.
			release();
			logger.debug("No thread could be started to release a lock", ex);
		}
	}

	private void release() {
		try {
			LockHandle handle = this.granted;
			if (handle != null) {
				NbLockedInterceptor.release(handle);
			}
			this.released.complete(null);
		}
		catch (Throwable ex) {
			this.released.completeExceptionally(ex);
		}
	}

	/**
	 * Tells the log how a hold has ended, where no caller is left to hear of it.
	 */
	void logUnheard(Throwable failure) {
		logger.warn("The lock on " + this.request.objectIds()
				+ " was lost or not released, and the caller had given up before", failure);
	}

}
