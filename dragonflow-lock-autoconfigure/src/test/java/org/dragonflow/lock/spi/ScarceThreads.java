package org.dragonflow.lock.spi;

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
		Thread thread = new Thread(task, "scarce") {

			@Override
			public void start() {
				if (ScarceThreads.this.missing.getAndDecrement() > 0) {
					throw new OutOfMemoryError("unable to create native thread");
				}
				super.start();
			}

		};
		thread.setDaemon(true);
		return thread;
	}

}
