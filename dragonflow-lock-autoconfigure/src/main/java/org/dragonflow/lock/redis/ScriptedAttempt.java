package org.dragonflow.lock.redis;

import org.dragonflow.lock.spi.LockAttempt;

/**
 * What the script that takes locks is told of one of them.
 *
 * @param attempt what to take
 * @param channel where the server is to tell when its place in the queue has come first;
 * empty if it is not to have any
 * @param request the number of this request, which the server is to tell then
 * @param settled the token to settle on where the lock is the owner's already; 0 to keep
 * what it has
 */
record ScriptedAttempt(LockAttempt attempt, byte[] channel, long request, long settled) {

	/**
	 * How many entries the answer has for it.
	 */
	static final int ANSWER_WIDTH = 3;

	private static final byte[] NO_CHANNEL = new byte[0];

	static ScriptedAttempt withoutWait(LockAttempt attempt) {
		return new ScriptedAttempt(attempt, NO_CHANNEL, 0, 0);
	}

	static ScriptedAttempt waiting(LockAttempt attempt, byte[] channel, long request) {
		return new ScriptedAttempt(attempt, channel, request, 0);
	}

	static ScriptedAttempt settling(LockAttempt attempt, long token) {
		return new ScriptedAttempt(attempt, NO_CHANNEL, 0, token);
	}

}
