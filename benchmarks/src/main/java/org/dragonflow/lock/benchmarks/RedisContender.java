package org.dragonflow.lock.benchmarks;

import java.time.Duration;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.redis.RedisLockDriver;
import org.dragonflow.lock.redis.RedisLockSettings;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Who locks in Redis. All have the same client of Redis.
 */
enum RedisContender {

	/**
	 * {@code SET NX PX}, and a script that compares and deletes, on the one connection
	 * that all threads share. It has no tokens, no renewal and no waiters: it fails where
	 * it would have to wait.
	 */
	RAW {
		@Override
		Client connect(int port) {
			RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
			RedisCommands<String, String> commands = client.connect().sync();
			String script = commands.scriptLoad(
					"if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0");
			ThreadLocal<String> owner = new ThreadLocal<>();
			return new Client() {
				@Override
				public void lock(String objectId) {
					owner.set(UUID.randomUUID().toString());
					check(commands.set(objectId, owner.get(), SetArgs.Builder.nx().px(30_000)) != null, objectId);
				}

				@Override
				public void unlock(String objectId) {
					Long deleted = commands.evalsha(script, ScriptOutputType.INTEGER, new String[] { objectId },
							owner.get());
					check(deleted == 1, objectId);
				}

				@Override
				public void close() {
					client.shutdown();
				}
			};
		}
	},

	/**
	 * A list with one element, which the holder has popped: the fastest way in which
	 * Redis wakes somebody. It has no leases, so a lock stays with whoever dies. Each
	 * thread has a connection of its own.
	 */
	BLOCKING_POP {
		@Override
		Client connect(int port) {
			RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
			Queue<StatefulRedisConnection<String, String>> opened = new ConcurrentLinkedQueue<>();
			ThreadLocal<RedisCommands<String, String>> commands = ThreadLocal.withInitial(() -> {
				StatefulRedisConnection<String, String> connection = client.connect();
				opened.add(connection);
				return connection.sync();
			});
			return new Client() {
				@Override
				public void create(String objectId) {
					commands.get().lpush(objectId, "free");
				}

				@Override
				public void lock(String objectId) {
					check(commands.get().blpop(60, objectId) != null, objectId);
				}

				@Override
				public void unlock(String objectId) {
					commands.get().lpush(objectId, "free");
				}

				@Override
				public void close() {
					opened.forEach(StatefulRedisConnection::close);
					client.shutdown();
				}
			};
		}
	},

	/**
	 * Without handing over inside a JVM: each hold goes through the server, as do those
	 * of the others.
	 */
	THIS_PROJECT {
		@Override
		Client connect(int port) {
			LettuceConnectionFactory factory = new LettuceConnectionFactory(
					new RedisStandaloneConfiguration("127.0.0.1", port));
			factory.afterPropertiesSet();
			LockEngine engine = new LockEngine(
					new RedisLockDriver(factory, RedisLockSettings.defaults()), new EngineSettings("benchmarks",
							EngineSettings.newInstanceName(), Duration.ofSeconds(30), null, null, HandOver.NONE),
					(event) -> {
					});
			return new Client() {
				@Override
				public void lock(String objectId) {
					engine.lock(objectId);
				}

				@Override
				public void unlock(String objectId) {
					engine.unlock(objectId);
				}

				@Override
				public void close() {
					engine.close();
					factory.destroy();
				}
			};
		}
	};

	/**
	 * A client with connections of its own.
	 */
	abstract Client connect(int port);

	private static void check(boolean condition, String objectId) {
		if (!condition) {
			throw new IllegalStateException("Another had " + objectId);
		}
	}

	/**
	 * One process of an application, as far as Redis can tell.
	 */
	interface Client extends AutoCloseable {

		/**
		 * Makes a lock that is to be used, where locks have to be made.
		 */
		default void create(String objectId) {
		}

		void lock(String objectId);

		void unlock(String objectId);

		@Override
		void close();

	}

}
