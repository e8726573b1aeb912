package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;

/**
 * The end of an engine: no more grants, holders that are told, and only then others who
 * may have the locks.
 */
final class Closing {

	private static final Log logger = LogFactory.getLog(Closing.class);

	private static final Duration PATIENCE_WITH_LISTENERS = Duration.ofSeconds(2);

	private static final String REASON = "this instance shuts down";

	private final Store store;

	private final Releaser releaser;

	private final LeaseKeeper keeper;

	private final EngineThreads threads;

	private final LocalQueues queues;

	private final AtomicBoolean begun = new AtomicBoolean();

	Closing(Store store, Releaser releaser, LeaseKeeper keeper, EngineThreads threads, LocalQueues queues) {
		this.store = store;
		this.releaser = releaser;
		this.keeper = keeper;
		this.threads = threads;
		this.queues = queues;
	}

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
				this.releaser.release(hold.storeHold(), hold.validUntil());
			}
			catch (LockStoreException ex) {
				logger.debug(hold.describeLock() + " was granted during the shutdown, and ends with its lease", ex);
			}
		}
		refuseWhenBegun();
	}

	/**
	 * Does it. A second time does nothing.
	 */
	void run() {
		if (!this.begun.compareAndSet(false, true)) {
			return;
		}
		List<EngineHold> ended = new ArrayList<>();
		for (EngineHold hold : this.keeper.all()) {
			if (hold.lose(REASON)) {
				ended.add(hold);
			}
		}
		this.threads.finishCallbacks(PATIENCE_WITH_LISTENERS);
		release(ended);
		try {
			this.store.close();
		}
		finally {
			// Whatever becomes of the driver, nobody waits for an engine that has ended.
			this.threads.close();
			this.queues.dissolve();
		}
	}

	private void release(List<EngineHold> ended) {
		Map<Hold, Deadline> holds = new LinkedHashMap<>();
		ended.forEach((hold) -> holds.put(hold.storeHold(), hold.validUntil()));
		this.releaser.finish(holds)
			.unconfirmed()
			.forEach((ex) -> logger.warn("Locks that this instance held end with their leases", ex));
	}

}
