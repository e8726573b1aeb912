package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import static org.awaitility.Awaitility.await;

/**
 * A call on a thread of its own.
 *
 * @param <T> the type of its result
 */
final class Background<T extends @Nullable Object> {

	private static final Duration LONG_ENOUGH_TO_WAIT = Duration.ofMillis(250);

	private final CompletableFuture<T> result = new CompletableFuture<>();

	private final Thread thread;

	private Background(Callable<T> call) {
		this.thread = new Thread(() -> {
			try {
				this.result.complete(call.call());
			}
			catch (Throwable ex) {
				this.result.completeExceptionally(ex);
			}
		}, "contract-kit");
		this.thread.setDaemon(true);
	}

	static <T extends @Nullable Object> Background<T> call(Callable<T> call) {
		Background<T> background = new Background<>(call);
		background.thread.start();
		return background;
	}

	/**
	 * Gives the call the time to begin its wait, and fails if it ends instead.
	 */
	Background<T> isWaiting(String description) {
		await(description).during(LONG_ENOUGH_TO_WAIT)
			.atMost(LONG_ENOUGH_TO_WAIT.multipliedBy(20))
			.pollInterval(Duration.ofMillis(25))
			.until(() -> !this.result.isDone());
		return this;
	}

	void interrupt() {
		this.thread.interrupt();
	}

	boolean isDone() {
		return this.result.isDone();
	}

	T get(String description, Duration patience) {
		try {
			return this.result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException ex) {
			throw new AssertionError(description + ", but it failed: " + ex.getCause(), ex.getCause());
		}
		catch (TimeoutException ex) {
			throw new AssertionError(description + ", but it did not end within " + patience, trace());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError(description + ", but the test was interrupted", ex);
		}
	}

	Throwable failure(String description, Duration patience) {
		try {
			T value = this.result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
			throw new AssertionError(description + ", but it returned " + value);
		}
		catch (ExecutionException ex) {
			return (ex.getCause() != null) ? ex.getCause() : ex;
		}
		catch (TimeoutException ex) {
			throw new AssertionError(description + ", but it did not end within " + patience, trace());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError(description + ", but the test was interrupted", ex);
		}
	}

	private Throwable trace() {
		Throwable trace = new Throwable("This is where it hangs");
		trace.setStackTrace(this.thread.getStackTrace());
		return trace;
	}

}
