package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;

/**
 * The operations on locks, each of which is one script. What goes wrong is in the future
 * that it returns, also where that was known before anything was sent.
 */
final class LockScripts {

	private static final int ARGUMENTS = 5;

	private static final byte[] ZERO = RedisKeys.bytes("0");

	private final ScriptRunner runner;

	private final RedisKeys keys;

	LockScripts(ScriptRunner runner, RedisKeys keys) {
		this.runner = runner;
		this.keys = keys;
	}

	/**
	 * Takes locks, or places in their queues.
	 * @return for each, as many entries as {@link ScriptedAttempt#ANSWER_WIDTH} says
	 */
	CompletableFuture<List<Object>> acquire(List<ScriptedAttempt> attempts) {
		List<LockKey> locks = new ArrayList<>(attempts.size());
		byte[][] arguments = new byte[ARGUMENTS * attempts.size()][];
		int next = 0;
		for (ScriptedAttempt attempt : attempts) {
			locks.add(attempt.attempt().key());
			arguments[next++] = RedisKeys.bytes(attempt.attempt().owner());
			arguments[next++] = number(attempt.attempt().lease().toMillis());
			arguments[next++] = number(attempt.settled());
			arguments[next++] = attempt.channel();
			arguments[next++] = number(attempt.request());
		}
		return send(Script.ACQUIRE, this.keys.all(locks), arguments);
	}

	CompletableFuture<List<Object>> release(List<Hold> holds) {
		List<LockKey> locks = new ArrayList<>(holds.size());
		byte[][] owners = new byte[holds.size()][];
		for (int i = 0; i < owners.length; i++) {
			locks.add(holds.get(i).key());
			owners[i] = RedisKeys.bytes(holds.get(i).owner());
		}
		return send(Script.RELEASE, this.keys.all(locks), owners);
	}

	CompletableFuture<List<Object>> renew(List<Hold> holds, Duration lease) {
		byte[][] locks = new byte[holds.size()][];
		byte[][] arguments = new byte[1 + holds.size()][];
		arguments[0] = number(lease.toMillis());
		for (int i = 0; i < locks.length; i++) {
			locks[i] = RedisKeys.bytes(this.keys.lock(holds.get(i).key()));
			arguments[i + 1] = RedisKeys.bytes(holds.get(i).owner());
		}
		return send(Script.RENEW, locks, arguments);
	}

	CompletableFuture<List<Object>> look(LockKey key) {
		return send(Script.LOOK, new byte[][] { RedisKeys.bytes(this.keys.lock(key)) }, new byte[0][]);
	}

	CompletableFuture<List<Object>> revoke(Hold hold) {
		return send(Script.REVOKE, new byte[][] { RedisKeys.bytes(this.keys.lock(hold.key())) },
				new byte[][] { RedisKeys.bytes(hold.owner()) });
	}

	private CompletableFuture<List<Object>> send(Script script, byte[][] names, byte[][] arguments) {
		try {
			return this.runner.send(script, names, arguments);
		}
		catch (Throwable ex) {
			// Also where the client finds no thread to connect: others may be waiting for
			// this one to be answered.
			return CompletableFuture.failedFuture(ex);
		}
	}

	private static byte[] number(long number) {
		return (number != 0) ? RedisKeys.bytes(Long.toString(number)) : ZERO;
	}

}
