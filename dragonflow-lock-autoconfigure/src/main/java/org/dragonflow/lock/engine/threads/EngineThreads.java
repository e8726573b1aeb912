package org.dragonflow.lock.engine.threads;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

/**
 * The few threads of an engine, kept apart by what they may wait for: the one of the
 * deadlines waits for nothing, so that a loss is noticed in time; those of renewals and
 * of the background wait for the store; those of callbacks wait for whatever an
 * application does in them. None of these methods throws, whatever keeps a thread from
 * being started.
 */
public final class EngineThreads {

	private static final int STORE_THREADS = 4;

	// More than a store's, as they may hang for good, each for itself.
	private static final int CALLBACK_THREADS = 16;

	private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final ScheduledThreadPoolExecutor deadlines;

	private final ThreadPoolExecutor renewals;

	private final ThreadPoolExecutor background;

	private final ThreadPoolExecutor callbacks;

	private final @Nullable Executor given;

	// Callbacks that have been asked for, and have not been run to their end.
	private final AtomicLong pending = new AtomicLong();

	private volatile boolean callbacksClosed;

	public EngineThreads(ThreadSource source) {
		// Started here and never let go: the deadlines must not depend on whether a
		// thread is to be had when one comes. Not virtual, as carriers may be busy.
		this.deadlines = new ScheduledThreadPoolExecutor(1, LockThreads.named("deadlines"));
		this.deadlines.setRemoveOnCancelPolicy(true);
		// After close() what is late is dropped; there is nothing left to keep.
		this.deadlines.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.deadlines.prestartAllCoreThreads();
		this.renewals = pool(source, "renewal", STORE_THREADS);
		this.background = pool(source, "store", STORE_THREADS);
		this.callbacks = pool(source, "callback", CALLBACK_THREADS);
		this.given = source.callbacks();
	}

	private static ThreadPoolExecutor pool(ThreadSource source, String role, int size) {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(size, size, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(),
				source.factories().apply(role));
		pool.allowCoreThreadTimeOut(true);
		return pool;
	}

	/**
	 * Does something on the thread of the deadlines, which waits for nothing and runs
	 * nothing of others.
	 */
	public void atDeadline(Runnable quickTask, long nanos) {
		this.deadlines.schedule(quickTask, nanos, TimeUnit.NANOSECONDS);
	}

	/**
	 * Does something that may wait for the store, after some time; later than that where
	 * no thread is to be had.
	 */
	public void later(Runnable task, long nanos) {
		atDeadline(() -> {
			if (!execute(this.background, task) && !this.background.isShutdown()) {
				later(task, RETRY_NANOS);
			}
		}, nanos);
	}

	/**
	 * Runs a renewal, which has threads of its own: it must not stand in line behind
	 * requests that a store in trouble does not answer.
	 * @return false if no thread is to be had
	 */
	public boolean renew(Runnable task) {
		return execute(this.renewals, task);
	}

	/**
	 * Runs what others have written, and may throw or hang as it likes. Once callbacks
	 * have been {@link #finishCallbacks finished}, it runs on the calling thread.
	 */
	void callBack(Runnable task) {
		if (this.callbacksClosed) {
			task.run();
			return;
		}
		this.pending.incrementAndGet();
		submit(() -> {
			try {
				task.run();
			}
			finally {
				this.pending.decrementAndGet();
			}
		});
	}

	private void submit(Runnable task) {
		Executor given = this.given;
		// An executor of others may hang, or run what it is given at once: so it is asked
		// by a thread that can afford both.
		Runnable delegated = (given == null) ? task : () -> {
			if (!execute(given, task)) {
				task.run();
			}
		};
		if (!execute(this.callbacks, delegated)) {
			// Not here: this may be the thread of the deadlines.
			atDeadline(() -> submit(task), RETRY_NANOS);
		}
	}

	private static boolean execute(Executor executor, Runnable task) {
		try {
			executor.execute(task);
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
		catch (Throwable ex) {
			// No thread is to be had. A pool that has one already can do without another.
			return executor instanceof ThreadPoolExecutor pool && pool.getPoolSize() > 0 && pool.getQueue().offer(task);
		}
	}

	/**
	 * Waits for the callbacks that were asked for, for some time.
	 * @return whether all have come to their end
	 */
	public boolean finishCallbacks(Duration patience) {
		Deadline end = Deadline.in(patience);
		while (this.pending.get() > 0 && !end.hasPassed() && !Thread.currentThread().isInterrupted()) {
			LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1));
		}
		this.callbacksClosed = true;
		return this.pending.get() == 0;
	}

	public void close() {
		this.callbacksClosed = true;
		this.deadlines.shutdownNow();
		this.renewals.shutdownNow();
		this.background.shutdownNow();
		this.callbacks.shutdown();
	}

}
