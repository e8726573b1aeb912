package org.dragonflow.lock.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * What an application wants to be run when something happens to a hold, each once.
 */
final class Actions {

	private static final Log logger = LogFactory.getLog(Actions.class);

	private final Queue<Runnable> actions = new ConcurrentLinkedQueue<>();

	void add(Runnable action) {
		this.actions.add(action);
	}

	/**
	 * Runs the actions that have not been run yet.
	 * @param occasion what has happened, for the message about one that fails
	 */
	void run(String occasion) {
		Runnable action;
		while ((action = this.actions.poll()) != null) {
			try {
				action.run();
			}
			catch (RuntimeException ex) {
				logger.error("An action failed that was to run on " + occasion, ex);
			}
		}
	}

}
