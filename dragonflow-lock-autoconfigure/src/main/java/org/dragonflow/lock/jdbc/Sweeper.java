package org.dragonflow.lock.jdbc;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.spi.LockThreads;

/**
 * Removes the rows of locks that nobody wants any more, on a thread that is there only
 * while there is something to wait for.
 */
final class Sweeper implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(Sweeper.class);

	private final BooleanSupplier sweep;

	private final long keptNanos;

	private final ScheduledThreadPoolExecutor timer;

	private final AtomicBoolean planned = new AtomicBoolean();

	private volatile long lastReleased = System.nanoTime();

	/**
	 * Creates a sweeper.
	 * @param sweep removes some rows, and returns whether there may be more
	 * @param kept how long a row stays
	 */
	Sweeper(BooleanSupplier sweep, Duration kept, ThreadFactory threads) {
		this.sweep = sweep;
		// A moment more, for it has to be over by the database's clock.
		this.keptNanos = kept.toNanos() + TimeUnit.MILLISECONDS.toNanos(100);
		this.timer = new ScheduledThreadPoolExecutor(1, threads);
		this.timer.setKeepAliveTime(1, TimeUnit.SECONDS);
		this.timer.allowCoreThreadTimeOut(true);
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
	}

	/**
	 * Begins with what was left behind before.
	 * @param more whether there is something to remove now
	 */
	void begin(boolean more) {
		this.planned.set(true);
		plan(more ? 0 : this.keptNanos);
	}

	/**
	 * A row was released, so there will be one to remove.
	 */
	void released() {
		this.lastReleased = System.nanoTime();
		if (!this.planned.get() && this.planned.compareAndSet(false, true)) {
			plan(this.keptNanos);
		}
	}

	private void plan(long delay) {
		// The system may have no thread for it; the next release tries again.
		LockThreads.step(() -> this.timer.schedule(this::run, delay, TimeUnit.NANOSECONDS),
				(ex) -> this.planned.set(false));
	}

	private void run() {
		long begun = System.nanoTime();
		LockThreads.step(this::sweep,
				(ex) -> logger.warn("Could not remove the rows of released locks; trying on", ex));
		long age = begun - this.lastReleased;
		if (age >= this.keptNanos) {
			this.planned.set(false);
			// A release that saw it as planned is for the next run.
			if (begun - this.lastReleased >= this.keptNanos || !this.planned.compareAndSet(false, true)) {
				return;
			}
		}
		// Each run may look at the whole table, so they are not for each row in time.
		plan(Math.max(this.keptNanos / 6, this.keptNanos - Math.max(0, age)));
	}

	private void sweep() {
		while (!this.timer.isShutdown() && this.sweep.getAsBoolean()) {
			// There are more.
		}
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

}
