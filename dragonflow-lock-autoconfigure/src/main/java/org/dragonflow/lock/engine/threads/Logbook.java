package org.dragonflow.lock.engine.threads;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * The engine's log. An appender may hang as long as it likes: lines are written on a
 * thread of their own.
 */
public record Logbook(Log log, EngineThreads threads, Mailbox mailbox) {

	private static final Duration SLOW = Duration.ofSeconds(10);

	public Logbook(Log log, EngineThreads threads) {
		this(log, threads, new Mailbox(threads, null, "log", "The log"));
	}

	/**
	 * Has something run that an application has written. What it throws is logged.
	 * @param what it is, for the log
	 */
	public void callBack(Runnable action, String what) {
		AtomicBoolean done = new AtomicBoolean();
		this.threads.callBack(() -> {
			this.threads.atDeadline(() -> {
				if (!done.get()) {
					warn(what + " has been running for " + SLOW.toSeconds()
							+ " s, on a thread that it should soon let go", null);
				}
			}, SLOW.toNanos());
			run(action, what);
			done.set(true);
		});
	}

	public void run(Runnable action, String what) {
		try {
			action.run();
		}
		catch (Throwable ex) {
			error(what + " failed; the locks go on", ex);
		}
	}

	public void error(String message, @Nullable Throwable cause) {
		this.mailbox.offer(() -> this.log.error(message, cause));
	}

	public void warn(String message, @Nullable Throwable cause) {
		this.mailbox.offer(() -> this.log.warn(message, cause));
	}

	public void info(String message, @Nullable Throwable cause) {
		this.mailbox.offer(() -> this.log.info(message, cause));
	}

	public void debug(String message, @Nullable Throwable cause) {
		this.mailbox.offer(() -> this.log.debug(message, cause));
	}

}
