package org.dragonflow.lock.faults;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads of which some cannot be started, as where the system has no more.
 */
public final class ScarceThreads implements ThreadFactory {

	private final AtomicInteger missing = new AtomicInteger();

	/**
	 * Lets the next threads fail to start.
	 */
	public ScarceThreads without(int count) {
		this.missing.set(count);
		return this;
	}

	@Override
	public Thread newThread(Runnable task) {
		// A stack that no machine has room for: what the JVM throws at the start is real.
		long stack = (this.missing.getAndDecrement() > 0) ? 1L << 46 : 0;
		Thread thread = new Thread(null, task, "scarce", stack);
		thread.setDaemon(true);
		return thread;
	}

}
