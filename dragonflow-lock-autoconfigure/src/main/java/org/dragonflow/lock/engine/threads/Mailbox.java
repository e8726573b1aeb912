package org.dragonflow.lock.engine.threads;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * What one piece of foreign code is to be told, in order, one at a time, on another
 * thread. Whoever tells it never waits for it. If it hangs, what it would have been told
 * is dropped from some number on.
 */
public final class Mailbox {

	static final int CAPACITY = 10_000;

	// From then on it is worth a line in the log.
	private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(10);

	private final EngineThreads threads;

	private final @Nullable Logbook log;

	private final String receiver;

	private final Queue<Runnable> letters = new ConcurrentLinkedQueue<>();

	private final AtomicInteger count = new AtomicInteger();

	private final AtomicBoolean delivering = new AtomicBoolean();

	private final AtomicBoolean slowTold = new AtomicBoolean();

	private volatile long deliveredNanoTime;

	/**
	 * Creates an empty one.
	 * @param log where it is written that the receiver fails; null for the log's own
	 * @param receiver who is told, for the log
	 */
	public Mailbox(EngineThreads threads, @Nullable Logbook log, String receiver) {
		this.threads = threads;
		this.log = log;
		this.receiver = receiver;
	}

	/**
	 * Adds something, unless there is too much already.
	 * @return whether it will be told
	 */
	public boolean offer(Runnable letter) {
		if (this.count.get() >= CAPACITY) {
			tellThatItIsSlow();
			return false;
		}
		add(letter);
		return true;
	}

	/**
	 * Adds something that must be told because something before it was: there are no more
	 * of these than of those.
	 */
	public void add(Runnable letter) {
		if (this.count.getAndIncrement() > 0 && this.delivering.get()
				&& System.nanoTime() - this.deliveredNanoTime > SLOW_NANOS) {
			tellThatItIsSlow();
		}
		this.letters.add(letter);
		begin();
	}

	private void begin() {
		if (!this.delivering.get() && this.delivering.compareAndSet(false, true)) {
			this.deliveredNanoTime = System.nanoTime();
			this.threads.callBack(this::deliver);
		}
	}

	private void deliver() {
		try {
			Runnable letter;
			while ((letter = this.letters.poll()) != null) {
				this.count.decrementAndGet();
				this.deliveredNanoTime = System.nanoTime();
				deliver(letter);
			}
			this.slowTold.set(false);
		}
		finally {
			this.delivering.set(false);
		}
		// Something may have come after the last look and before the flag.
		if (!this.letters.isEmpty()) {
			begin();
		}
	}

	private void deliver(Runnable letter) {
		try {
			letter.run();
		}
		catch (Throwable ex) {
			warn(this.receiver + " failed; the locks go on", ex);
		}
	}

	private void tellThatItIsSlow() {
		if (this.slowTold.compareAndSet(false, true)) {
			warn(this.receiver + " has been busy with one thing for "
					+ TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - this.deliveredNanoTime)
					+ " s. The locks go on, but it may miss some of what happens to them.", null);
		}
	}

	private void warn(String message, @Nullable Throwable cause) {
		if (this.log != null) {
			this.log.warn(message, cause);
		}
	}

}
