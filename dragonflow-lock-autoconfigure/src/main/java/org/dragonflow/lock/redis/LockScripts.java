package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;

/**
 * The operations on locks, each of which is one script. What goes wrong is in the future
 * that it returns, also where that was known before anything was sent.
 */
final class LockScripts {

	/**
	 * How many entries the answer to an attempt has for each lock.
	 */
	static final int ACQUIRE_WIDTH = 3;

	private static final byte[] NO_CHANNEL = new byte[0];

	private static final byte[] ZERO = RedisKeys.bytes("0");

	private final ScriptRunner runner;

	private final RedisKeys keys;

	LockScripts(ScriptRunner runner, RedisKeys keys) {
		this.runner = runner;
		this.keys = keys;
	}

	/**
	 * Takes those of several locks that are free.
	 */
	CompletableFuture<List<Object>> acquire(List<LockAttempt> attempts) {
		return acquire(attempts, Collections.nCopies(attempts.size(), 0L), NO_CHANNEL, ZERO);
	}

	/**
	 * Takes several locks again, with the tokens that were settled on.
	 * @param tokens the token of each
	 */
	CompletableFuture<List<Object>> settle(List<LockAttempt> attempts, List<Long> tokens) {
		return acquire(attempts, tokens, NO_CHANNEL, ZERO);
	}

	/**
	 * Takes a lock or a place in its queue.
	 * @param channel where the server is to tell when the place has come first
	 * @param request the number of this request, which it is to tell then
	 */
	CompletableFuture<List<Object>> acquireOrQueue(LockAttempt attempt, byte[] channel, long request) {
		return acquire(List.of(attempt), List.of(0L), channel, number(request));
	}

	private CompletableFuture<List<Object>> acquire(List<LockAttempt> attempts, List<Long> tokens, byte[] channel,
			byte[] request) {
		List<LockKey> locks = new ArrayList<>(attempts.size());
		byte[][] arguments = new byte[2 + 3 * attempts.size()][];
		arguments[0] = channel;
		arguments[1] = request;
		for (int i = 0; i < attempts.size(); i++) {
			LockAttempt attempt = attempts.get(i);
			locks.add(attempt.key());
			arguments[3 * i + 2] = RedisKeys.bytes(attempt.owner());
			arguments[3 * i + 3] = number(attempt.lease().toMillis());
			arguments[3 * i + 4] = (tokens.get(i) != 0) ? number(tokens.get(i)) : ZERO;
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
		catch (RuntimeException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private static byte[] number(long number) {
		return RedisKeys.bytes(Long.toString(number));
	}

}
