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
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.engine.HoldsHandle.ClosedByItsThread;
import org.dragonflow.lock.engine.HoldsHandle.NeverClosed;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * The lock's semantics on top of any driver. This class knows what a request means and
 * who owns what it leads to; {@link Holds} takes and ends the single holds.
 */
public final class LockEngine implements DistributedLock, AutoCloseable {

	private final EngineSettings settings;

	private final LockObserver observer;

	private final Holds holds;

	private final ThreadOwnership byThread;

	private final Ownership byHandle;

	private final ShownHandles shown = new ShownHandles(this);

	/**
	 * Creates an engine, which owns the driver from then on.
	 * @param driver the client of the store; closed with the engine
	 * @param settings what holds where a request does not say
	 * @param eventListener told of each event once, on a thread of the engine
	 */
	public LockEngine(LockDriver driver, EngineSettings settings, Consumer<? super LockEvent> eventListener) {
		this(driver, settings, eventListener, Transactions.NONE);
	}

	/**
	 * Creates an engine for threads that work in transactions.
	 * @param driver the client of the store; closed with the engine
	 * @param settings what holds where a request does not say
	 * @param eventListener told of each event once, on a thread of the engine
	 * @param transactions keep what threads have locked inside of them
	 */
	public LockEngine(LockDriver driver, EngineSettings settings, Consumer<? super LockEvent> eventListener,
			Transactions transactions) {
		this(driver, settings, eventListener, transactions, LockObserver.NONE);
	}

	/**
	 * Creates an engine that is observed.
	 * @param driver the client of the store; closed with the engine
	 * @param settings what holds where a request does not say
	 * @param eventListener told of each event once, on a thread of the engine
	 * @param transactions keep what threads have locked inside of them
	 * @param observer told of waits, holds and failures
	 */
	public LockEngine(LockDriver driver, EngineSettings settings, Consumer<? super LockEvent> eventListener,
			Transactions transactions, LockObserver observer) {
		this.settings = settings;
		this.observer = LockObserver.all(List.of(observer));
		LockDriver observed = (this.observer != LockObserver.NONE) ? new ObservedDriver(driver, this.observer) : driver;
		this.holds = new Holds(observed, settings, eventListener, this.observer);
		ManyHolds together = this.holds.together();
		this.byThread = new ThreadOwnership(together, transactions);
		this.byHandle = new HandleOwnership(together);
	}

	@Override
	public void lock(String objectId, boolean block) {
		LockRequest request = LockRequest.of(objectId);
		lock(block ? request : request.withWait(Duration.ZERO));
	}

	@Override
	public LockHandle lock(LockRequest request) {
		try {
			List<EngineHold> taken = takeOrThrow(request, Waiting.THROUGH_INTERRUPTS, this.byThread);
			return new HoldsHandle(this, taken, new ClosedByItsThread(this.byThread, Thread.currentThread()));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("This wait does not end by an interrupt", ex);
		}
	}

	@Override
	public boolean tryLock(LockRequest request) throws InterruptedException {
		return take(request, waitUntil(request), Waiting.INTERRUPTIBLY, this.byThread, new ArrayList<>()) == null;
	}

	@Override
	public void unlock(String objectId) {
		this.byThread.end(objectId);
	}

	@Override
	public LockHandle acquire(LockRequest request) throws InterruptedException {
		for (String objectId : request.objectIds()) {
			if (this.byThread.get(objectId) != null) {
				throw new IllegalStateException("This thread holds '" + objectId
						+ "' itself by lock(), so it would wait for itself: unlock it first,"
						+ " and where it was locked inside a transaction, let that complete");
			}
		}
		return new HoldsHandle(this, takeOrThrow(request, Waiting.INTERRUPTIBLY, this.byHandle), this.byHandle::endAll);
	}

	@Override
	public @Nullable LockHandle held(String objectId) {
		EngineHold own = this.byThread.get(objectId);
		EngineHold hold = (own != null) ? own : this.shown.get(objectId);
		return (hold != null) ? new HoldsHandle(this, List.of(hold), new NeverClosed()) : null;
	}

	@Override
	public boolean requestRevocation(String objectId) {
		return this.holds.requestRevocation(new LockKey(this.settings.namespace(), objectId));
	}

	@Override
	public <T extends @Nullable Object> T callWith(LockHandle handle, Callable<T> action) throws Exception {
		return this.shown.callWith(handle, action);
	}

	/**
	 * Stops granting, tells holders that their holds end, releases these, and closes the
	 * driver. Threads that still wait get an {@link IllegalStateException}.
	 */
	@Override
	public void close() {
		this.holds.close();
	}

	private List<EngineHold> takeOrThrow(LockRequest request, Waiting waiting, Ownership ownership)
			throws InterruptedException {
		List<EngineHold> taken = new ArrayList<>(request.objectIds().size());
		Deadline waitUntil = waitUntil(request);
		LockKey refused = take(request, waitUntil, waiting, ownership, taken);
		if (refused != null) {
			throw unavailable(refused, request);
		}
		return taken;
	}

	private @Nullable LockKey take(LockRequest request, Deadline waitUntil, Waiting waiting, Ownership ownership,
			List<EngineHold> taken) throws InterruptedException {
		Duration lease = (request.lease() != null) ? request.lease() : this.settings.lease();
		if (lease.compareTo(EngineSettings.MIN_LEASE) < 0) {
			throw new IllegalArgumentException(
					"The lease of a lock must be " + EngineSettings.MIN_LEASE + " or longer, but is " + lease);
		}
		Duration counted = (lease.compareTo(EngineSettings.MAX_LEASE) < 0) ? lease : EngineSettings.MAX_LEASE;
		List<LockKey> keys = new ArrayList<>(request.objectIds().size());
		for (String objectId : request.objectIds()) {
			if (this.shown.get(objectId) != null && this.byThread.get(objectId) == null) {
				throw new IllegalStateException("This thread was called with a handle that holds '" + objectId
						+ "', and would wait for itself: lock it after the work that the handle is for");
			}
			keys.add(new LockKey(this.settings.namespace(), objectId));
		}
		Waiting told = (this.observer != LockObserver.NONE) ? new ObservedWait(waiting, request.label(), this.observer)
				: waiting;
		return ownership.takeAll(keys, counted, waitUntil, told, taken);
	}

	private Deadline waitUntil(LockRequest request) {
		return Deadline.in(waitTime(request));
	}

	private @Nullable Duration waitTime(LockRequest request) {
		return (request.waitTime() != null) ? request.waitTime() : this.settings.waitTime();
	}

	private LockUnavailableException unavailable(LockKey refused, LockRequest request) {
		Duration waited = waitTime(request);
		boolean once = (waited == null || waited.isZero());
		return new LockUnavailableException(refused.objectId(),
				"The lock on '" + refused.objectId() + "' is held by " + this.holds.describeHolder(refused, !once)
						+ (once ? "; there was to be no wait for it" : "; the wait for it ended after " + waited));
	}

}
