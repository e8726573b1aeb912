package org.dragonflow.lock.redis;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Sends scripts to Redis over the application's connections.
 */
interface ScriptRunner extends AutoCloseable {

	/**
	 * Runs a script in one round trip, or two where a server does not know it yet.
	 * @return the answer, a list of {@link Long} and {@code byte[]}; or the failure.
	 * Cancelling it keeps a request from being sent that has not been yet.
	 */
	CompletableFuture<List<Object>> send(Script script, byte[][] keys, byte[][] arguments);

	/**
	 * Whether keys have slots.
	 */
	boolean isClustered();

	/**
	 * Whether several threads' requests can travel in one: not where their keys are at
	 * different nodes, nor where sending one may block.
	 */
	boolean isCombining();

	/**
	 * Whether {@link #send} returns only when the answer is there.
	 */
	boolean isBlocking();

	/**
	 * Changes when a connection was lost. A client that connects again by itself may also
	 * send again what had no answer: if this has changed since, an answer may be that to
	 * the second of two requests.
	 */
	long disconnects();

	/**
	 * Says what to do when a connection was lost, unless the client tells that in another
	 * way. Runs in a thread of the client, so it must be quick.
	 */
	void onDisconnect(Runnable action);

	@Override
	void close();

}
