package org.dragonflow.lock.aop;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

import org.dragonflow.lock.spi.LockThreads;

import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;
import org.springframework.util.ClassUtils;

/**
 * A thread for each wait, and for each release that finds none at work. With any fixed
 * number, waiting threads could keep the release that they wait for from running.
 */
final class AsyncThreads implements Executor {

	static final AsyncThreads INSTANCE = new AsyncThreads();

	private final ThreadFactory threads = LockThreads.virtual("async");

	// What the caller is observed as, for one, goes with the work to the thread that
	// waits for it.
	private final TaskDecorator decorator = ClassUtils.isPresent("io.micrometer.context.ContextSnapshotFactory",
			AsyncThreads.class.getClassLoader()) ? new ContextPropagatingTaskDecorator() : (task) -> task;

	private AsyncThreads() {
	}

	@Override
	public void execute(Runnable task) {
		Thread thread = this.threads.newThread(this.decorator.decorate(task));
		// The work is the application's, which the library's loader may not see.
		thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
		thread.start();
	}

}
