package org.dragonflow.lock.engine.threads;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * The engine's log. An appender may hang as long as it likes: lines are written on a
 * thread for callbacks.
 */
public final class Logbook {

	private static final Duration SLOW = Duration.ofSeconds(10);

	private final Log log;

	private final EngineThreads threads;

	private final Mailbox mailbox;

	public Logbook(Log log, EngineThreads threads) {
		this.log = log;
		this.threads = threads;
		this.mailbox = new Mailbox(threads, null, "log", "The log");
	}

	/**
	 * Runs what an application wants to be run once. What it throws is logged.
	 * @param occasion what has happened, for the message
	 */
	public void callBack(Runnable action, String occasion) {
		AtomicBoolean done = new AtomicBoolean();
		this.threads.callBack(() -> {
			this.threads.atDeadline(() -> {
				if (!done.get()) {
					warn("An action has been running for " + SLOW + " on " + occasion
							+ ", on a thread that it should soon let go", null);
				}
			}, SLOW.toNanos());
			run(action, occasion);
			done.set(true);
		});
	}

	/**
	 * Runs it on this thread, which is its owner's own.
	 */
	public void run(Runnable action, String occasion) {
		try {
			action.run();
		}
		catch (Throwable ex) {
			error("An action failed that was to run on " + occasion, ex);
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
