package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * One of several independent masters. Nothing here blocks the caller, also while the
 * server cannot be reached.
 */
final class RedlockNode implements AutoCloseable {

	private final LettuceConnectionFactory factory;

	private final RedisKeys keys;

	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable CompletableFuture<LockScripts> connected;

	RedlockNode(LettuceConnectionFactory factory, RedisKeys keys) {
		this.factory = factory;
		this.keys = keys;
	}

	/**
	 * Makes a request.
	 * @return the answer, or a failure when the timeout has passed; then the request is
	 * not sent any more, unless it was already
	 */
	CompletableFuture<List<Object>> ask(Function<LockScripts, CompletableFuture<List<Object>>> request,
			Duration timeout) {
		CompletableFuture<LockScripts> connection = connect();
		CompletableFuture<List<Object>> sent = new CompletableFuture<>();
		CompletableFuture<List<Object>> answer = sent.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
		connection.whenComplete((scripts, failure) -> {
			if (failure != null) {
				sent.completeExceptionally(failure);
			}
			else if (!answer.isDone()) {
				forward(request.apply(scripts), sent, answer);
			}
		});
		return answer;
	}

	private static void forward(CompletableFuture<List<Object>> command, CompletableFuture<List<Object>> to,
			CompletableFuture<List<Object>> bounded) {
		command.whenComplete((result, failure) -> {
			if (failure != null) {
				to.completeExceptionally(failure);
			}
			else {
				to.complete(result);
			}
		});
		bounded.whenComplete((result, failure) -> {
			if (failure != null) {
				command.cancel(true);
			}
		});
	}

	private CompletableFuture<LockScripts> connect() {
		this.lock.lock();
		try {
			CompletableFuture<LockScripts> present = this.connected;
			if (present == null || present.isCompletedExceptionally()) {
				CompletableFuture<LockScripts> coming = new CompletableFuture<>();
				this.connected = coming;
				Thread thread = new Thread(() -> connect(coming), "dragonflow-lock-connect");
				thread.setDaemon(true);
				thread.start();
				return coming;
			}
			return present;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void connect(CompletableFuture<LockScripts> coming) {
		try {
			// Once this one is there, Lettuce keeps it up.
			this.factory.getConnection().close();
			coming.complete(new LockScripts(new LettuceScriptRunner(this.factory), this.keys));
		}
		catch (RuntimeException ex) {
			coming.completeExceptionally(ex);
		}
	}

	@Override
	public void close() {
		this.factory.destroy();
	}

}
