package org.dragonflow.lock.redis;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisScriptingCommands;
import org.springframework.data.redis.connection.ReturnType;

/**
 * Sends scripts by Spring's abstraction alone: for Jedis and any other client. Each has
 * been answered when {@link #send} returns, and how long that takes is up to the client's
 * own timeout.
 */
final class ConnectionScriptRunner implements ScriptRunner {

	private final RedisConnectionFactory factory;

	private volatile @Nullable Boolean clustered;

	ConnectionScriptRunner(RedisConnectionFactory factory) {
		this.factory = factory;
	}

	@Override
	public CompletableFuture<List<Object>> send(Script script, byte[][] keys, byte[][] arguments) {
		byte[][] all = new byte[keys.length + arguments.length][];
		System.arraycopy(keys, 0, all, 0, keys.length);
		System.arraycopy(arguments, 0, all, keys.length, arguments.length);
		// A request that is given up has an unknown outcome.
		return Interrupts.deferred(() -> {
			try (RedisConnection connection = this.factory.getConnection()) {
				return CompletableFuture.completedFuture(run(connection.scriptingCommands(), script, keys.length, all));
			}
		});
	}

	private static List<Object> run(RedisScriptingCommands commands, Script script, int keys, byte[][] all) {
		List<Object> answer;
		try {
			answer = commands.evalSha(script.digest(), ReturnType.MULTI, keys, all);
		}
		catch (RuntimeException ex) {
			if (!"NOSCRIPT".equals(RedisErrors.code(ex))) {
				throw ex;
			}
			answer = commands.eval(RedisKeys.bytes(script.text()), ReturnType.MULTI, keys, all);
		}
		return (answer != null) ? answer : List.of();
	}

	@Override
	public boolean isClustered() {
		Boolean known = this.clustered;
		if (known == null) {
			try (RedisConnection connection = this.factory.getConnection()) {
				known = connection instanceof RedisClusterConnection;
			}
			catch (RuntimeException ex) {
				throw RedisErrors.translate("connect", ex);
			}
			this.clustered = known;
		}
		return known;
	}

	@Override
	public boolean isCombining() {
		return false;
	}

	@Override
	public boolean isBlocking() {
		return true;
	}

	@Override
	public long disconnects() {
		return 0;
	}

	@Override
	public void onDisconnect(Runnable action) {
		// Whoever listens with such a client notices by itself.
	}

	@Override
	public void close() {
	}

}
