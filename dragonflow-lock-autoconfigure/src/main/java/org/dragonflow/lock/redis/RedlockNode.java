package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * One of several independent masters. Nothing here blocks the caller, also while the
 * server cannot be reached.
 */
final class RedlockNode implements AutoCloseable {

	private final LettuceConnectionFactory factory;

	private final RedisKeys keys;

	private final ThreadFactory threads;

	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable CompletableFuture<LockScripts> connected;

	RedlockNode(LettuceConnectionFactory factory, RedisKeys keys) {
		this(factory, keys, LockThreads.named("connect"));
	}

	RedlockNode(LettuceConnectionFactory factory, RedisKeys keys, ThreadFactory threads) {
		this.factory = factory;
		this.keys = keys;
		this.threads = threads;
	}

	/**
	 * Makes a request.
	 * @return the answer, or a failure when the timeout has passed; then the request is
	 * not sent any more, unless it was already
	 */
	CompletableFuture<List<Object>> ask(Function<LockScripts, CompletableFuture<List<Object>>> request,
			Duration timeout) {
		CompletableFuture<List<Object>> sent = new CompletableFuture<>();
		CompletableFuture<List<Object>> answer = sent.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
		whenConnected((scripts, failure) -> {
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

	/**
	 * Does something at once, or in its turn as soon as there is a connection: a release
	 * must not overtake its attempt.
	 */
	private void whenConnected(BiConsumer<LockScripts, @Nullable Throwable> action) {
		this.lock.lock();
		try {
			CompletableFuture<LockScripts> present = this.connected;
			if (present == null || present.isCompletedExceptionally()) {
				present = startConnecting();
			}
			boolean wasThere = present.isDone();
			CompletableFuture<LockScripts> next = present.whenComplete(action);
			// As long as there is none, the next action waits for this one.
			this.connected = wasThere ? present : next;
		}
		finally {
			this.lock.unlock();
		}
	}

	private CompletableFuture<LockScripts> startConnecting() {
		CompletableFuture<LockScripts> coming = new CompletableFuture<>();
		try {
			LockThreads.start(this.threads, () -> connect(coming));
		}
		catch (LockStoreException ex) {
			// One server less, rather than an end to what the others are being asked.
			coming.completeExceptionally(ex);
		}
		return coming;
	}

	private void connect(CompletableFuture<LockScripts> coming) {
		try {
			// Once this one is there, Lettuce keeps it up.
			this.factory.getConnection().close();
			coming.complete(new LockScripts(new LettuceScriptRunner(this.factory), this.keys));
		}
		catch (Throwable ex) {
			// Whatever it is, it is for those who have asked until now. Forgotten before
			// they are told, or who asks next would wait in line behind the failure.
			forgetConnection();
			coming.completeExceptionally(ex);
		}
	}

	private void forgetConnection() {
		this.lock.lock();
		try {
			this.connected = null;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void close() {
		this.factory.destroy();
	}

}
