package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.grant.EngineGrant;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.FencingTokens;
import org.dragonflow.lock.engine.grant.LeaseKeeper;
import org.dragonflow.lock.engine.grant.Releaser;
import org.dragonflow.lock.engine.grant.Store;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;

/**
 * The end of an engine: no more grants, holders that are told, and only then others who
 * may have the locks.
 */
record Closing(Store store, Releaser releaser, LeaseKeeper keeper, EngineThreads threads, Logbook log, Lines lines,
		AtomicBoolean begun) {

	private static final Duration PATIENCE_WITH_LISTENERS = Duration.ofSeconds(2);

	private static final String REASON = "this instance shuts down";

	boolean hasBegun() {
		return this.begun.get();
	}

	void refuseWhenBegun() {
		if (hasBegun()) {
			throw new IllegalStateException("This instance is shutting down and takes no more locks");
		}
	}

	/**
	 * Lets nobody have a hold that is new, because the end may have missed it.
	 */
	void refuseWhenBegun(EngineHold hold) {
		if (hasBegun() && hold.lose(REASON)) {
			try {
				// By this thread: those in the background are about to end, or have.
				this.releaser.release(hold.grant());
			}
			catch (LockStoreException ex) {
				this.log.debug(
						FencingTokens.describe(hold) + " was granted during the shutdown, and ends with its lease", ex);
			}
		}
		refuseWhenBegun();
	}

	void run() {
		if (!this.begun.compareAndSet(false, true)) {
			return;
		}
		List<EngineGrant> ended = this.keeper.all().stream().filter((grant) -> grant.lose(REASON)).toList();
		if (!this.threads.finishTelling(PATIENCE_WITH_LISTENERS)) {
			this.log.warn("A listener or an observer still runs after " + PATIENCE_WITH_LISTENERS.toSeconds()
					+ " s; going on without it", null);
		}
		try {
			this.releaser.finish(ended)
				.unconfirmed()
				.forEach((ex) -> this.log.warn("Locks that this instance held end with their leases", ex));
		}
		finally {
			end();
		}
	}

	private void end() {
		try {
			this.store.close();
		}
		finally {
			// Whatever becomes of the driver, nobody waits for an engine that has ended.
			this.threads.close();
			this.lines.dissolve();
		}
	}

}
