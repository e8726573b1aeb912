package org.dragonflow.lock.spi;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockStoreException;

/**
 * Where the threads of the library and its drivers come from. A thread is often started
 * by whichever caller needs it first, and outlives that call: so nothing of the caller
 * goes with it.
 */
public final class LockThreads {

	private LockThreads() {
	}

	/**
	 * A factory of daemon threads. They are called {@code dragonflow-lock-ROLE}, with a
	 * number from the second one on. They inherit neither the
	 * {@link InheritableThreadLocal}s of whoever starts them nor its context class
	 * loader, in place of which they have the one of this library.
	 * @param role what the threads are for
	 * @return the factory. A thread of it may fail to start, for want of resources, with
	 * an {@link OutOfMemoryError}, as any thread may.
	 */
	public static ThreadFactory named(String role) {
		String name = "dragonflow-lock-" + role;
		AtomicInteger count = new AtomicInteger();
		return (task) -> {
			int number = count.incrementAndGet();
			Thread thread = new Thread(null, task, (number > 1) ? name + "-" + number : name, 0, false);
			thread.setDaemon(true);
			thread.setPriority(Thread.NORM_PRIORITY);
			thread.setContextClassLoader(LockThreads.class.getClassLoader());
			return thread;
		};
	}

	/**
	 * A factory of virtual threads with such names and this class loader, which inherit
	 * as little.
	 * @param role what the threads are for
	 * @return the factory; one of platform threads before Java 21, which has no others
	 */
	public static ThreadFactory virtual(String role) {
		try {
			// By name, as this is compiled for Java 17.
			Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
			Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
			type.getMethod("name", String.class, long.class).invoke(builder, "dragonflow-lock-" + role + "-", 1L);
			type.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(builder, false);
			ThreadFactory virtual = (ThreadFactory) type.getMethod("factory").invoke(builder);
			return (task) -> {
				Thread thread = virtual.newThread(task);
				// It would have the system's, which does not see into an executable jar.
				thread.setContextClassLoader(LockThreads.class.getClassLoader());
				return thread;
			};
		}
		catch (ReflectiveOperationException ex) {
			return named(role);
		}
	}

	/**
	 * Starts a thread.
	 * @param threads makes it
	 * @param task what the thread does
	 * @throws LockStoreException if there is no thread to be had at the moment. The task
	 * is not run then.
	 */
	public static void start(ThreadFactory threads, Runnable task) {
		try {
			threads.newThread(task).start();
		}
		catch (OutOfMemoryError ex) {
			throw LockStoreException.unreachable("No thread could be started to reach the store", ex);
		}
	}

}
