package org.dragonflow.lock.engine.threads;

import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * What one piece of foreign code is to be told, in order, one at a time, on a thread of
 * its own. Whoever tells it never waits for it. If it hangs, what it would have been told
 * is dropped from some number on.
 */
public final class Mailbox {

	static final int CAPACITY = 10_000;

	private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(10);

	private final EngineThreads threads;

	private final @Nullable Logbook log;

	private final String receiver;

	private final ThreadPoolExecutor thread;

	// Zero while it is busy with nothing.
	private volatile long busySinceNanoTime;

	private volatile boolean slowTold;

	/**
	 * @param log where it is written that the receiver fails; null for the log's own
	 * @param receiver who is told, for the log
	 */
	public Mailbox(EngineThreads threads, @Nullable Logbook log, String role, String receiver) {
		this.threads = threads;
		this.log = log;
		this.receiver = receiver;
		this.thread = threads.foreign(role, 1);
	}

	/**
	 * Adds something, unless there is too much already.
	 * @return whether it will be told
	 */
	public boolean offer(Runnable letter) {
		boolean fits = this.thread.getQueue().size() < CAPACITY;
		if (fits) {
			add(letter);
		}
		return fits;
	}

	/**
	 * Adds something that must be told because something before it was: there are no more
	 * of these than of those.
	 */
	public void add(Runnable letter) {
		long since = this.busySinceNanoTime;
		if (since != 0 && !this.slowTold && System.nanoTime() - since > SLOW_NANOS) {
			this.slowTold = true;
			warn(this.receiver + " has been busy with one thing for more than 10 s. The locks go on, but after "
					+ CAPACITY + " things more it misses what happens to them.", null);
		}
		this.threads.run(this.thread, () -> deliver(letter));
	}

	private void deliver(Runnable letter) {
		this.busySinceNanoTime = System.nanoTime() | 1;
		try {
			letter.run();
			this.slowTold = false;
		}
		catch (Throwable ex) {
			warn(this.receiver + " failed; the locks go on", ex);
		}
		finally {
			this.busySinceNanoTime = 0;
		}
	}

	private void warn(String message, @Nullable Throwable cause) {
		if (this.log != null) {
			this.log.warn(message, cause);
		}
	}

}
