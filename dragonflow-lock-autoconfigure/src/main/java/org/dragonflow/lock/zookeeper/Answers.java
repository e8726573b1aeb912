package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

import org.apache.zookeeper.KeeperException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * Takes the answers to what was sent together: all of them, because one that fails says
 * nothing of the others. In vain it waits only once.
 */
final class Answers {

	private final String action;

	private final BiFunction<String, KeeperException, LockStoreException> translation;

	private final Map<Hold, LockStoreException> unknown = new HashMap<>();

	private Duration patience;

	private @Nullable KeeperException silence;

	/**
	 * No answers yet.
	 * @param action what is asked for, such as "Renewing"
	 * @param translation of what goes wrong
	 */
	Answers(String action, Duration patience, BiFunction<String, KeeperException, LockStoreException> translation) {
		this.action = action;
		this.patience = patience;
		this.translation = translation;
	}

	/**
	 * Takes the answer for a hold. If that fails, nothing is known of it.
	 */
	void take(Hold hold, Taking taking) {
		try {
			taking.take(this.patience);
		}
		catch (KeeperException ex) {
			fail(hold, ex);
		}
		catch (LockStoreException ex) {
			this.unknown.put(hold, ex);
		}
	}

	void fail(Hold hold, KeeperException ex) {
		if (ex instanceof KeeperException.OperationTimeoutException) {
			this.patience = Duration.ZERO;
		}
		if (StoreErrors.leavesOutcomeUnknown(ex)) {
			this.silence = ex;
		}
		this.unknown.put(hold, this.translation.apply(this.action + " '" + hold.key().objectId() + "' failed", ex));
	}

	/**
	 * Whether the server has refused something, at most.
	 * @throws KeeperException if it has not answered: nothing more is to be asked then
	 */
	void throwIfSilent() throws KeeperException {
		if (this.silence != null) {
			throw this.silence;
		}
	}

	/**
	 * Why nothing is known of some.
	 * @param asked all of them
	 * @throws LockStoreException if nothing is known of any
	 */
	Map<Hold, LockStoreException> unknown(Collection<?> asked) {
		if (!this.unknown.isEmpty() && this.unknown.size() == asked.size()) {
			throw this.unknown.values().iterator().next();
		}
		return this.unknown;
	}

	interface Taking {

		/**
		 * Takes an answer.
		 * @param patience how long to wait for it; zero for one that is there already
		 */
		void take(Duration patience) throws KeeperException;

	}

}
