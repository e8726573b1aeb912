package org.dragonflow.lock.engine.threads;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockThreads;

/**
 * The few threads of an engine, kept apart by what they may wait for: the one of the
 * deadlines waits for nothing, so that a loss is noticed in time; those of renewals and
 * of the background wait for the store; the others wait for whatever an application does
 * in them. None of these methods throws or waits where no thread is to be had: what is to
 * be done is done as soon as there is one.
 */
public final class EngineThreads {

	private static final int STORE_THREADS = 4;

	// More than a store's, as they may hang for good, each for itself.
	private static final int CALLBACK_THREADS = 16;

	private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final ThreadSource source;

	private final ScheduledThreadPoolExecutor deadlines;

	private final ThreadPoolExecutor renewals;

	private final ThreadPoolExecutor doubtful;

	private final ThreadPoolExecutor background;

	private final ThreadPoolExecutor listeners;

	private final ThreadPoolExecutor actions;

	// Those that run what others have written.
	private final List<ThreadPoolExecutor> foreign = new CopyOnWriteArrayList<>();

	private final Queue<Runnable> late = new ConcurrentLinkedQueue<>();

	private volatile boolean allTold;

	public EngineThreads(ThreadSource source) {
		this.source = source;
		// Started here and never let go: the deadlines must not depend on whether a
		// thread is to be had when one comes. Not virtual, as carriers may be busy.
		this.deadlines = new ScheduledThreadPoolExecutor(1, LockThreads.named("deadlines"));
		this.deadlines.setRemoveOnCancelPolicy(true);
		// After close() what is late is dropped; there is nothing left to keep.
		this.deadlines.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.deadlines.prestartAllCoreThreads();
		this.renewals = pool("renewal", STORE_THREADS);
		this.doubtful = pool("renewal-in-doubt", STORE_THREADS);
		this.background = pool("store", STORE_THREADS);
		this.listeners = foreign("listener", CALLBACK_THREADS);
		this.actions = foreign("action", CALLBACK_THREADS);
	}

	private ThreadPoolExecutor pool(String role, int size) {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(size, size, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(),
				threads(this.source.factories().apply(role)), new ThreadPoolExecutor.DiscardPolicy());
		pool.allowCoreThreadTimeOut(true);
		return pool;
	}

	// A pool takes no notice of a factory that gives none, and would leave its task
	// alone.
	private static ThreadFactory threads(ThreadFactory factory) {
		return (task) -> Objects.requireNonNull(factory.newThread(task), "The thread factory has made no thread");
	}

	ThreadPoolExecutor foreign(String role, int size) {
		ThreadPoolExecutor pool = pool(role, size);
		// What comes while the last things are told is told after them, by whoever ends
		// the engine, and what comes later by whoever it comes from; but not where
		// something hangs.
		pool.setRejectedExecutionHandler((task, ended) -> {
			this.late.add(() -> {
				if (ended.isTerminated()) {
					task.run();
				}
			});
			if (this.allTold) {
				tellLate();
			}
		});
		this.foreign.add(pool);
		return pool;
	}

	/**
	 * Does something on the thread of the deadlines, which waits for nothing and runs
	 * nothing of others.
	 */
	public void atDeadline(Runnable quickTask, long nanos) {
		this.deadlines.schedule(quickTask, nanos, TimeUnit.NANOSECONDS);
	}

	public void later(Runnable task, long nanos) {
		atDeadline(() -> run(this.background, task), nanos);
	}

	// Apart, so as not to stand in line behind requests that a store in trouble does not
	// answer; nor behind renewals that it had no answer for the last time.
	public void renew(Runnable task, boolean isInDoubt) {
		run(isInDoubt ? this.doubtful : this.renewals, task);
	}

	// Apart, so that neither listeners nor actions keep the others from running.
	void callBack(Runnable task, boolean isAction) {
		Executor given = this.source.callbacks();
		run(isAction ? this.actions : this.listeners, (given == null) ? task : () -> {
			// An executor of others may hang, or run what it is given at once: so it is
			// asked by a thread that can afford both.
			try {
				given.execute(task);
			}
			catch (Throwable ex) {
				task.run();
			}
		});
	}

	void run(ThreadPoolExecutor pool, Runnable task) {
		// Into the queue first: what comes later must not come before it, whichever of
		// them finds a thread.
		if (pool.isShutdown()) {
			pool.getRejectedExecutionHandler().rejectedExecution(task, pool);
			return;
		}
		pool.getQueue().add(task);
		start(pool);
		if (pool.isShutdown() && pool.remove(task)) {
			pool.getRejectedExecutionHandler().rejectedExecution(task, pool);
		}
	}

	private void start(ThreadPoolExecutor pool) {
		try {
			pool.prestartCoreThread();
		}
		catch (Throwable ex) {
			// No thread is to be had. Maybe the pool has one that comes to it.
			atDeadline(() -> start(pool), RETRY_NANOS);
		}
	}

	private void tellLate() {
		for (Runnable telling = this.late.poll(); telling != null; telling = this.late.poll()) {
			telling.run();
		}
	}

	public boolean finishTelling(Duration patience) {
		Deadline end = Deadline.in(patience);
		boolean finished = true;
		this.foreign.forEach(ThreadPoolExecutor::shutdown);
		try {
			for (ThreadPoolExecutor pool : this.foreign) {
				finished &= pool.awaitTermination(end.remaining().toNanos(), TimeUnit.NANOSECONDS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.allTold = true;
		tellLate();
		return finished;
	}

	public void close() {
		this.deadlines.shutdownNow();
		this.renewals.shutdownNow();
		this.doubtful.shutdownNow();
		this.background.shutdownNow();
		this.foreign.forEach(ThreadPoolExecutor::shutdown);
	}

}
