package org.dragonflow.lock.faults;

import java.time.Duration;

/**
 * A store whose server can be broken.
 */
interface FaultyStore extends AutoCloseable {

	/**
	 * Makes the store empty, and ready for locks.
	 */
	void prepare();

	/**
	 * Where the server listens on this host.
	 */
	int port();

	/**
	 * Starts an instance of an application.
	 * @param port the server's, or that of a proxy to it
	 */
	Client client(int port, Duration lease);

	/**
	 * Whether the application's client gives up a connection on which there are no
	 * answers any more.
	 */
	default boolean isSilenceGivenUp() {
		return true;
	}

	/**
	 * How many locks are in the store.
	 */
	int records();

	/**
	 * Deletes all locks, as an administrator may do.
	 */
	void deleteRecords();

	void stop();

	void restart();

	void kill();

	void pause();

	void resume();

	@Override
	void close();

}
