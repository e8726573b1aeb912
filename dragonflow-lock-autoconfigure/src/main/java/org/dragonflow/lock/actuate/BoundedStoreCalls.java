package org.dragonflow.lock.actuate;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store for people, who get an answer in time whatever the store does. Few
 * questions are under way at once: people, and what looks after the health, ask again and
 * again, above all while there is no answer.
 */
final class BoundedStoreCalls implements AutoCloseable {

	private static final int AT_ONCE = 4;

	private final Duration timeout;

	private final ThreadPoolExecutor threads;

	BoundedStoreCalls(Duration timeout) {
		this(timeout, LockThreads.named("management"));
	}

	BoundedStoreCalls(Duration timeout, ThreadFactory threads) {
		this.timeout = timeout;
		this.threads = new ThreadPoolExecutor(0, AT_ONCE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
	}

	/**
	 * Asks.
	 * @throws LockStoreException if the store refuses or does not answer in time; what
	 * was asked for may be done later
	 */
	<T extends @Nullable Object> T call(Supplier<T> question) {
		Future<T> answer;
		try {
			answer = this.threads.submit(question::get);
		}
		catch (RejectedExecutionException ex) {
			throw LockStoreException
				.unreachable(
						this.threads.isShutdown() ? "The store is not asked any more, as the application ends"
								: "The store is not asked: " + AT_ONCE + " earlier questions are without an answer",
						ex);
		}
		catch (OutOfMemoryError ex) {
			throw LockStoreException.unreachable("The store is not asked: no thread could be started for it", ex);
		}
		try {
			return answer.get(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			// Not by an interrupt: there are clients that close their connection for it.
			answer.cancel(false);
			throw LockStoreException.unreachable("The store has not answered within " + this.timeout.toMillis() + " ms",
					ex);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException failure) {
				throw failure;
			}
			throw new IllegalStateException(ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw LockStoreException.unreachable("Interrupted while the store was asked", ex);
		}
	}

	@Override
	public void close() {
		this.threads.shutdown();
	}

}
