package org.dragonflow.lock.redis;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Sends scripts by Lettuce itself, on the connection that Spring's abstraction shares
 * among all threads. Spring's own way would give a request up when its thread is
 * interrupted, with its outcome unknown, and would send one after the other what can be
 * under way at the same time.
 */
final class LettuceScriptRunner implements ScriptRunner, RedisConnectionStateListener {

	private final LettuceConnectionFactory factory;

	private final AbstractRedisClient client;

	private final AtomicLong disconnects = new AtomicLong();

	private volatile Runnable onDisconnect = () -> {
	};

	LettuceScriptRunner(LettuceConnectionFactory factory) {
		this.factory = factory;
		this.client = factory.getRequiredNativeClient();
		this.client.addListener(this);
	}

	@Override
	public CompletableFuture<List<Object>> send(Script script, byte[][] keys, byte[][] arguments) {
		return new Answer(script, keys, arguments).send();
	}

	@Override
	public boolean isClustered() {
		return this.factory.isClusterAware();
	}

	@Override
	public boolean isCombining() {
		// An answer lets Lettuce's own thread send the next requests, and that must not
		// wait for a connection, or for whether it still is one.
		return !isClustered() && this.factory.getShareNativeConnection() && !this.factory.getValidateConnection();
	}

	@Override
	public boolean isBlocking() {
		return false;
	}

	@Override
	public long disconnects() {
		return this.disconnects.get();
	}

	@Override
	public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
		// One that we have closed had nothing under way: of such are the looks at the
		// topology of a cluster.
		if (!connection.isClosed()) {
			this.disconnects.incrementAndGet();
			this.onDisconnect.run();
		}
	}

	@Override
	public void onDisconnect(Runnable action) {
		this.onDisconnect = action;
	}

	@Override
	public void close() {
		this.client.removeListener(this);
	}

	/**
	 * A request, which may take two commands.
	 */
	private final class Answer extends CompletableFuture<List<Object>> {

		private final Script script;

		private final byte[][] keys;

		private final byte[][] arguments;

		private final RedisConnection connection;

		private final RedisClusterAsyncCommands<byte[], byte[]> commands;

		private volatile @Nullable RedisFuture<List<Object>> command;

		@SuppressWarnings("unchecked")
		Answer(Script script, byte[][] keys, byte[][] arguments) {
			this.script = script;
			this.keys = keys;
			this.arguments = arguments;
			// The first one connects.
			this.connection = Interrupts.deferred(LettuceScriptRunner.this.factory::getConnection);
			this.commands = Interrupts
				.deferred(() -> (RedisClusterAsyncCommands<byte[], byte[]>) this.connection.getNativeConnection());
		}

		Answer send() {
			await(this.commands.evalsha(this.script.digest(), ScriptOutputType.MULTI, this.keys, this.arguments));
			return this;
		}

		private void await(RedisFuture<List<Object>> sent) {
			this.command = sent;
			sent.whenComplete(this::answered);
		}

		private void answered(@Nullable List<Object> answer, @Nullable Throwable failure) {
			if (failure instanceof RedisNoScriptException) {
				// The server has been restarted or flushed, or is new to us. This makes
				// it know the script.
				await(this.commands.eval(this.script.text(), ScriptOutputType.MULTI, this.keys, this.arguments));
				return;
			}
			// One that is not shared goes back to where it came from.
			this.connection.close();
			if (failure != null) {
				completeExceptionally(failure);
			}
			else {
				complete((answer != null) ? answer : List.of());
			}
		}

		@Override
		public boolean cancel(boolean mayInterruptIfRunning) {
			RedisFuture<List<Object>> sent = this.command;
			return sent != null && sent.cancel(mayInterruptIfRunning);
		}

	}

}
