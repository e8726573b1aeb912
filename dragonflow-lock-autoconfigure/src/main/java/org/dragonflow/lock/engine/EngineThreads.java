package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The few threads of an engine, kept apart by what they may wait for: the timer waits for
 * nothing, so that a loss is told in time; the store's threads wait for the store; the
 * callbacks' threads wait for whatever an application does in them. All are daemons, are
 * started when first needed, and end when idle.
 */
final class EngineThreads {

	private static final Log logger = LogFactory.getLog(EngineThreads.class);

	private final ScheduledThreadPoolExecutor timer;

	private final ThreadPoolExecutor renewals;

	private final ThreadPoolExecutor store;

	private final ThreadPoolExecutor callbacks;

	EngineThreads() {
		this.timer = new ScheduledThreadPoolExecutor(1, named("timer"));
		this.timer.setRemoveOnCancelPolicy(true);
		// After close() what is late is dropped; there is nothing left to keep.
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.renewals = pool("renewal");
		this.store = pool("store");
		this.callbacks = pool("callback");
	}

	private static ThreadPoolExecutor pool(String role) {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(4, 4, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				named(role));
		pool.allowCoreThreadTimeOut(true);
		pool.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		return pool;
	}

	private static ThreadFactory named(String role) {
		AtomicInteger count = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(task, "dragonflow-lock-" + role + "-" + count.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
	}

	void later(Runnable quickTask, long nanos) {
		this.timer.schedule(quickTask, nanos, TimeUnit.NANOSECONDS);
	}

	/**
	 * Runs a renewal, which has threads of its own: it must not stand in line behind
	 * requests that a store in trouble does not answer.
	 */
	void renew(Runnable task) {
		this.renewals.execute(task);
	}

	void toStore(Runnable task) {
		this.store.execute(task);
	}

	void callBack(Runnable task) {
		this.callbacks.execute(task);
	}

	/**
	 * Runs the callbacks that were asked for, within some time, and no more after that.
	 */
	void finishCallbacks(Duration patience) {
		this.callbacks.shutdown();
		try {
			if (!this.callbacks.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
				logger.warn("A listener for lost locks still runs after " + patience + "; going on without it");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	void close() {
		this.timer.shutdownNow();
		this.renewals.shutdownNow();
		this.store.shutdownNow();
		this.callbacks.shutdown();
	}

}
