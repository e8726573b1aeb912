package org.dragonflow.lock.engine.hold;

import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.engine.grant.Attempts;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.LeaseKeeper;
import org.dragonflow.lock.engine.grant.Releaser;
import org.dragonflow.lock.engine.grant.Store;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.WaitWatch;
import org.dragonflow.lock.engine.request.LiveSettings;
import org.dragonflow.lock.engine.request.Observers;
import org.dragonflow.lock.engine.request.Request;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * All holds of one engine, with all that takes, keeps and ends them.
 */
public final class Holds {

	private final Logbook log;

	private final Lines lines = new Lines();

	private final LeaseKeeper keeper;

	private final Closing closing;

	private final Ending ending;

	private final Taking taking;

	private final ThreadOwnership byThread;

	private final Oversight oversight;

	public Holds(LockDriver driver, LiveSettings settings, Consumer<? super LockEvent> eventListener,
			Transactions transactions, List<LockObserver> listeners, ThreadSource source) {
		EngineThreads threads = new EngineThreads(source);
		this.log = new Logbook(LogFactory.getLog(LockEngine.class), threads);
		Observers observers = new Observers(listeners, threads, this.log);
		Store store = new Store(driver, observers, this.log);
		Releaser releaser = new Releaser(store, threads, this.log);
		this.keeper = new LeaseKeeper(store, threads, this.log);
		this.closing = new Closing(store, releaser, this.keeper, threads, this.log, this.lines);
		this.ending = new Ending(settings, this.lines, this.keeper, releaser, store, this.closing, threads, observers,
				this.log, eventListener);
		WaitWatch watch = new WaitWatch(this.lines, threads, this.log, settings, this.ending::describeHolder);
		Grants grants = new Grants(settings, this.keeper, new Attempts(store, releaser, this.log), releaser,
				this.closing, this.ending, observers);
		this.taking = new Taking(this.lines, watch, grants, this.closing, this.ending, observers, this.log);
		this.byThread = new ThreadOwnership(this.taking, this.ending, transactions);
		this.oversight = new Oversight(store, this.lines, this.keeper, settings);
		store.listen((hold) -> this.keeper.lose(hold, "the store has ended it"), this.keeper::revoke);
	}

	/**
	 * Takes all locks of a request for its owner, or none.
	 * @param taken receives the holds; empty
	 * @return null, or the first key that was not to be had
	 */
	public @Nullable LockKey takeAll(Request request, List<EngineHold> taken) throws InterruptedException {
		return (request.owner() != null) ? this.byThread.takeAll(request, taken) : this.taking.takeAll(request, taken);
	}

	/**
	 * Takes one off the count of this thread's hold; the last one releases it, unless a
	 * transaction keeps it.
	 * @throws IllegalMonitorStateException if this thread does not hold the id
	 */
	public void unlock(String objectId) {
		this.byThread.end(objectId);
	}

	/**
	 * Does so for several.
	 */
	public void unlockAll(List<EngineHold> holds) {
		this.byThread.endAll(holds);
	}

	/**
	 * Ends holds that belong to a handle.
	 */
	public void release(List<EngineHold> holds) {
		this.ending.releaseAll(holds);
	}

	/**
	 * This thread's hold, lost or not.
	 */
	public @Nullable EngineHold ofThread(String objectId) {
		return this.byThread.get(objectId);
	}

	/**
	 * Who has a lock, in words that go on after "it is".
	 * @param ask whether to ask the store where it is not this JVM
	 */
	public String describeHolder(LockKey key, boolean ask) {
		return this.ending.describeHolder(key, ask);
	}

	/**
	 * What looks at all of this from outside, and takes holds away.
	 */
	public Oversight oversight() {
		return this.oversight;
	}

	public Logbook log() {
		return this.log;
	}

	/**
	 * Whether nothing is held, waited for, or remembered.
	 */
	public boolean isIdle() {
		return this.lines.isEmpty() && this.keeper.isEmpty();
	}

	/**
	 * Stops granting, tells the holders that their holds end, and only then lets others
	 * have the locks.
	 */
	public void close() {
		this.closing.run();
	}

}
