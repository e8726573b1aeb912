package org.dragonflow.lock.etcd;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * What takes more than one request: one that fails says nothing of the others.
 */
final class Parts {

	private final Map<Hold, LockStoreException> unknown = new HashMap<>();

	private @Nullable LockStoreException unreachable;

	private boolean answered;

	/**
	 * Asks for some holds, unless etcd could not be reached for others: to wait as long
	 * for each part would take too long.
	 * @return false if nothing is known of them
	 */
	boolean ask(Collection<Hold> holds, Runnable request) {
		LockStoreException failure = this.unreachable;
		if (failure == null) {
			try {
				request.run();
				this.answered = true;
				return true;
			}
			catch (LockStoreException ex) {
				failure = ex;
				this.unreachable = ex.isRefused() ? null : ex;
			}
		}
		for (Hold hold : holds) {
			this.unknown.put(hold, failure);
		}
		return false;
	}

	/**
	 * Why nothing is known of some.
	 * @throws LockStoreException if nothing is known of any
	 */
	Map<Hold, LockStoreException> unknown() {
		if (!this.answered && !this.unknown.isEmpty()) {
			throw this.unknown.values().iterator().next();
		}
		return this.unknown;
	}

	/**
	 * The same, also if nothing is known of any of these.
	 */
	Map<Hold, LockStoreException> failures() {
		return this.unknown;
	}

	/**
	 * That a session had ended before what lives by it was asked for.
	 */
	@Nullable LockStoreException endOfSession() {
		return this.unknown.values().stream().filter(EtcdErrors::isLeaseGone).findFirst().orElse(null);
	}

}
