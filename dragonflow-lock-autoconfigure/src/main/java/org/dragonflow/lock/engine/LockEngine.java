package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * The lock's semantics on top of any driver. This class knows what a request means and
 * who owns what it leads to; {@link Holds} takes and ends the single holds.
 */
public final class LockEngine implements DistributedLock, AutoCloseable {

	private volatile EngineSettings settings;

	private final Holds holds;

	private final ShownHandles shown = new ShownHandles(this, new ThreadLocal<>());

	/**
	 * Creates an engine with threads of its own. It owns the driver from then on.
	 * @param driver the client of the store; closed with the engine
	 * @param settings what holds where a request does not say
	 * @param eventListener told of each event once, on a thread of the engine
	 */
	public LockEngine(LockDriver driver, EngineSettings settings, Consumer<? super LockEvent> eventListener) {
		this(driver, settings, eventListener, Transactions.NONE, List.of(), ThreadSource.PLATFORM);
	}

	/**
	 * Creates an engine inside of an application.
	 * @param driver the client of the store; closed with the engine
	 * @param settings what holds where a request does not say
	 * @param eventListener told of each event once, on a thread of the engine
	 * @param transactions keep what threads have locked inside of them
	 * @param observers told of waits, holds and failures, each by itself; without any, no
	 * time is spent on telling
	 * @param threads where threads come from
	 */
	public LockEngine(LockDriver driver, EngineSettings settings, Consumer<? super LockEvent> eventListener,
			Transactions transactions, List<? extends LockObserver> observers, ThreadSource threads) {
		this.settings = settings;
		this.holds = new Holds(driver, this::settings, eventListener, transactions, observers, threads);
	}

	@Override
	public void lock(String objectId, boolean block) {
		LockRequest request = LockRequest.of(objectId);
		lock(block ? request : request.withWait(Duration.ZERO));
	}

	@Override
	public LockHandle lock(LockRequest request) {
		try {
			Thread thread = Thread.currentThread();
			return handle(takeOrThrow(request, thread, false), thread, this.holds.byThread::endAll);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("This wait does not end by an interrupt", ex);
		}
	}

	@Override
	public boolean tryLock(LockRequest request) throws InterruptedException {
		return this.holds.byThread.takeAll(toRequest(request, Thread.currentThread(), true),
				new ArrayList<>(1)) == null;
	}

	@Override
	public void unlock(String objectId) {
		this.holds.byThread.end(objectId);
	}

	@Override
	public LockHandle acquire(LockRequest request) throws InterruptedException {
		for (String objectId : request.objectIds()) {
			if (this.holds.byThread.get(objectId) != null) {
				throw new IllegalStateException("This thread holds '" + objectId
						+ "' itself by lock(), so it would wait for itself: unlock it first,"
						+ " and where it was locked inside a transaction, let that complete");
			}
		}
		return handle(takeOrThrow(request, null, true), null, this.holds.ending::releaseAll);
	}

	@Override
	public @Nullable LockHandle held(String objectId) {
		EngineHold own = this.holds.byThread.get(objectId);
		EngineHold hold = (own != null) ? own : this.shown.get(objectId);
		return (hold != null) ? handle(List.of(hold), null, null) : null;
	}

	private EngineHandle handle(List<EngineHold> held, @Nullable Thread owner,
			@Nullable Consumer<List<EngineHold>> end) {
		return new EngineHandle(this, this.holds.log, held, owner, end);
	}

	@Override
	public boolean requestRevocation(String objectId) {
		return this.holds.oversight.requestRevocation(objectId);
	}

	@Override
	public <T extends @Nullable Object> T callWith(LockHandle handle, Callable<T> action) throws Exception {
		return this.shown.callWith(handle, action);
	}

	/**
	 * What this instance holds and waits for. Asks no store, and stops nobody.
	 * @param limit how many locks and how many threads to list at most; of more than
	 * that, the oldest
	 * @return what was seen; takes time for each lock that is held, but memory only for
	 * what is listed
	 * @throws IllegalArgumentException if the limit is less than 1
	 */
	public LockSnapshot snapshot(int limit) {
		return this.holds.oversight.snapshots().ofAll(limit);
	}

	/**
	 * What this instance holds of one id, and which of its threads wait for that. Asks no
	 * store, and stops nobody.
	 * @param objectId the id
	 * @param limit how many threads to list at most
	 * @return what was seen; with nothing in it if nobody here holds or wants the id
	 * @throws IllegalArgumentException if the limit is less than 1
	 */
	public LockSnapshot snapshot(String objectId, int limit) {
		return this.holds.oversight.snapshots().of(objectId, limit);
	}

	/**
	 * What the store knows of a lock. Asks it, and takes as long as the driver gives it
	 * for an answer.
	 * @param objectId the id
	 * @return the hold, on whichever instance; null if nobody holds the lock
	 * @throws org.dragonflow.lock.LockStoreException if the store does not answer
	 */
	public @Nullable StoredHold look(String objectId) {
		return this.holds.oversight.look(objectId);
	}

	/**
	 * Takes a hold away from whoever has it, which may still be at work. A holder of this
	 * instance is told at once, one of another at its next renewal at the latest: that is
	 * after the next holder may have begun. Only a fencing token keeps its writes out.
	 * @param objectId the id
	 * @param owner the holder, as {@link #look} has shown it; a successor is left alone
	 * @return whether there was such a hold
	 * @throws org.dragonflow.lock.LockStoreException if the outcome is unknown
	 */
	public boolean breakHold(String objectId, String owner) {
		return this.holds.oversight.breakHold(objectId, owner);
	}

	/**
	 * How the renewal of this instance's holds goes.
	 * @return one for each lease that is in use, the shortest first
	 */
	public List<RenewalStatus> renewals() {
		return this.holds.keeper.status();
	}

	/**
	 * The settings that hold now.
	 * @return the settings
	 */
	public EngineSettings settings() {
		return this.settings;
	}

	/**
	 * Changes the settings. They hold for each lock that is asked for from then on; what
	 * is held keeps its lease and its longest hold, and who waits goes on waiting for as
	 * long as it wanted to. Any thread may call this.
	 * @param settings the new settings, with the same namespace and instance
	 * @throws IllegalArgumentException if one of these differs
	 */
	public void changeSettings(EngineSettings settings) {
		EngineSettings before = this.settings;
		if (!settings.namespace().equals(before.namespace()) || !settings.instance().equals(before.instance())) {
			throw new IllegalArgumentException("Neither the namespace nor the name of an instance can change: holds of "
					+ before.instance() + " in '" + before.namespace() + "' are known by them");
		}
		this.settings = settings;
	}

	/**
	 * Stops granting, tells holders that their holds end, releases these, and closes the
	 * driver. Threads that still wait get an {@link IllegalStateException}.
	 */
	@Override
	public void close() {
		this.holds.closing.run();
	}

	private List<EngineHold> takeOrThrow(LockRequest request, @Nullable Thread owner, boolean interruptible)
			throws InterruptedException {
		List<EngineHold> taken = new ArrayList<>(request.objectIds().size());
		Request asked = toRequest(request, owner, interruptible);
		LockKey refused = (owner != null) ? this.holds.byThread.takeAll(asked, taken)
				: this.holds.taking.takeAll(asked, taken);
		if (refused != null) {
			throw this.holds.oversight.unavailable(refused, this.settings.waitTimeOf(request));
		}
		return taken;
	}

	private Request toRequest(LockRequest request, @Nullable Thread owner, boolean interruptible) {
		EngineSettings settings = this.settings;
		Deadline waitUntil = Deadline.in(settings.waitTimeOf(request));
		Duration lease = settings.leaseOf(request);
		List<LockKey> keys = new ArrayList<>(request.objectIds().size());
		for (String objectId : request.objectIds()) {
			if (!request.options().contains(LockRequest.Option.WAIT_IN_CYCLES) && this.shown.get(objectId) != null
					&& this.holds.byThread.get(objectId) == null) {
				throw new IllegalStateException("This thread was called with a handle that holds '" + objectId
						+ "', and would wait for itself: lock it after the work that the handle is for");
			}
			keys.add(new LockKey(settings.namespace(), objectId));
		}
		return new Request(keys, lease, waitUntil, owner, interruptible, request.label(), request.options());
	}

}
