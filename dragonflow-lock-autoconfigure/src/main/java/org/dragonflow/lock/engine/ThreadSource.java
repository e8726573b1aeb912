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
 * @param callbacks runs the event listener and the actions of handles. It may be shared
 * and bounded: what it refuses is run by a thread of the engine. Null for these only
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
	 * The same with another executor for callbacks.
	 * @param executor runs them, or null for threads of the engine
	 * @return another source
	 */
	public ThreadSource withCallbacks(@Nullable Executor executor) {
		return new ThreadSource(this.factories, executor);
	}

}
