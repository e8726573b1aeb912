package org.dragonflow.lock.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;

import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

/**
 * Where the threads of an engine come from.
 *
 * @param factories makes a factory for threads with a role, such as "renewal"; the one
 * thread that watches the deadlines is not among them
 * @param callbacks runs what an application wants to be told: events, actions, observers.
 * It may be shared and bounded: a task that it refuses is offered again. Null for threads
 * of the engine's own
 */
public record ThreadSource(Function<String, ThreadFactory> factories, @Nullable Executor callbacks) {

	/**
	 * Platform threads.
	 */
	public static final ThreadSource PLATFORM = new ThreadSource(LockThreads::named, null);

	/**
	 * Virtual threads, where the platform has them.
	 */
	public static final ThreadSource VIRTUAL = new ThreadSource(LockThreads::virtual, null);

	/**
	 * The same, but for who runs what an application wants to be told.
	 * @param executor runs it
	 * @return another source
	 */
	public ThreadSource withCallbacks(@Nullable Executor executor) {
		return new ThreadSource(this.factories, executor);
	}

}
