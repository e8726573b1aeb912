package org.dragonflow.lock.engine;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.engine.grant.Attempts;
import org.dragonflow.lock.engine.grant.LeaseKeeper;
import org.dragonflow.lock.engine.grant.Releaser;
import org.dragonflow.lock.engine.grant.Store;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Observers;
import org.dragonflow.lock.engine.line.WaitCycles;
import org.dragonflow.lock.engine.line.WaitWatch;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.LockDriver;

/**
 * All that takes, keeps and ends the holds of one engine, put together.
 */
final class Holds {

	final Logbook log;

	final LeaseKeeper keeper;

	final Closing closing;

	final Ending ending;

	final Taking taking;

	final ThreadOwnership byThread;

	final Oversight oversight;

	private final Lines lines = new Lines();

	Holds(LockDriver driver, Supplier<EngineSettings> settings, Consumer<? super LockEvent> eventListener,
			Transactions transactions, List<? extends LockObserver> told, ThreadSource source) {
		EngineThreads threads = new EngineThreads(source);
		this.log = new Logbook(LogFactory.getLog(LockEngine.class), threads);
		Observers observers = new Observers(told, threads, this.log);
		Store store = new Store(driver, observers, this.log, new AtomicBoolean());
		Releaser releaser = new Releaser(store, threads, this.log, new AtomicBoolean());
		this.keeper = new LeaseKeeper(store, threads, this.log);
		this.closing = new Closing(store, releaser, this.keeper, threads, this.log, this.lines, new AtomicBoolean());
		this.ending = new Ending(settings, this.lines, this.keeper, releaser, this.closing, threads, observers,
				this.log, eventListener);
		this.oversight = new Oversight(store, this.lines, this.keeper, settings, new Snapshots(this.lines));
		WaitWatch watch = new WaitWatch(this.lines, threads, this.log, settings, this.oversight::describeHolder,
				new AtomicBoolean());
		Grants grants = new Grants(settings, this.keeper, new Attempts(store, releaser, this.log), releaser,
				this.closing, this.ending, observers, new AtomicLong());
		this.taking = new Taking(this.lines, new WaitCycles(this.lines::headOf), watch, grants,
				new FreeLocks(this.lines, watch, grants, this.closing), this.closing, this.ending, observers,
				transactions, this.log);
		this.byThread = new ThreadOwnership(this.taking::takeAll, this.ending::releaseAll, transactions);
		store.listen((hold) -> this.keeper.lose(hold, "the store has ended it"), this.keeper::revoke);
	}

	boolean isIdle() {
		return this.lines.isEmpty() && this.keeper.isEmpty();
	}

}
