package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.dragonflow.lock.engine.Transactions.Kept;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * What each thread holds by {@code lock} and {@code tryLock}, and how many times. A lost
 * hold stays here until its thread has unlocked it, and so has heard of the loss; a
 * thread that ends takes its entries with it. A hold that was taken inside a transaction
 * stays until that has completed, also after its last unlock.
 */
final class ThreadOwnership implements Transactions.Owner {

	private final Taker taking;

	private final Consumer<List<EngineHold>> release;

	private final Transactions transactions;

	private final ThreadLocal<@Nullable Map<String, Entry>> entries = new ThreadLocal<>();

	// No record: transactions keep apart what each owner has, by its identity.
	ThreadOwnership(Taker taking, Consumer<List<EngineHold>> release, Transactions transactions) {
		this.taking = taking;
		this.release = release;
		this.transactions = transactions;
	}

	// As Taking does, for this thread.
	@Nullable LockKey takeAll(Request request, List<EngineHold> taken) throws InterruptedException {
		List<EngineHold> added = new ArrayList<>(1);
		LockKey refused;
		try {
			refused = this.taking.takeAll(request.of(lockAgain(request.keys(), taken)), added);
			while (!added.isEmpty()) {
				EngineHold last = added.get(added.size() - 1);
				own(last);
				taken.add(last);
				added.remove(added.size() - 1);
			}
			if (refused == null) {
				// Not before: what has to be given back must not be kept.
				if (request.isKeptByTransaction()) {
					taken.forEach((hold) -> keepForTransaction(hold.objectId()));
				}
				return null;
			}
		}
		catch (Throwable ex) {
			Failures failures = new Failures();
			failures.collect(() -> endAll(taken));
			failures.collect(() -> this.release.accept(added));
			failures.suppressedBy(ex);
			throw ex;
		}
		endAll(taken);
		taken.clear();
		return refused;
	}

	private List<LockKey> lockAgain(List<LockKey> keys, List<EngineHold> taken) {
		List<LockKey> others = new ArrayList<>(keys.size());
		for (LockKey key : keys) {
			Entry own = entry(key.objectId());
			// Going on inside a hold that was lost would be work without a lock.
			if (own != null && own.hold.isLost()) {
				throw own.hold.lostException();
			}
			if (own != null && own.use()) {
				own.locks++;
				taken.add(own.hold);
			}
			else {
				others.add(key);
			}
		}
		return others;
	}

	private void own(EngineHold hold) {
		Map<String, Entry> ofThread = this.entries.get();
		if (ofThread == null) {
			ofThread = new ConcurrentHashMap<>(2);
			this.entries.set(ofThread);
		}
		ofThread.put(hold.objectId(), new Entry(hold, ofThread));
	}

	private void keepForTransaction(String objectId) {
		Entry own = entry(objectId);
		if (own == null || !own.use()) {
			return;
		}
		// Before it is kept: the transaction may complete on another thread at once.
		own.hold.keep(1);
		boolean kept = false;
		try {
			kept = this.transactions.keep(own);
		}
		finally {
			if (!kept) {
				own.hold.keep(-1);
				if (endUse(own)) {
					this.release.accept(List.of(own.hold));
				}
			}
		}
	}

	// A failure does not keep the others from ending.
	void endAll(List<EngineHold> holds) {
		Failures failures = new Failures();
		List<EngineHold> ended = new ArrayList<>(holds.size());
		holds.forEach((hold) -> failures.collect(() -> {
			EngineHold own = get(hold.objectId());
			// Not by the id alone: this thread may have unlocked it, and hold it anew.
			if (own != null && own != hold) {
				throw new IllegalMonitorStateException(
						"The lock on '" + hold.objectId() + "' with fencing token " + hold.fencingToken()
								+ " has been unlocked already; this thread holds it anew, with " + own.fencingToken());
			}
			unlock(hold.objectId(), ended);
		}));
		failures.collect(() -> this.release.accept(ended));
		failures.throwFirst();
	}

	/**
	 * Takes one off the count; the last one releases, unless a transaction keeps the
	 * hold.
	 * @throws IllegalMonitorStateException if this thread does not hold the id
	 */
	void end(String objectId) {
		List<EngineHold> ended = new ArrayList<>(1);
		unlock(objectId, ended);
		this.release.accept(ended);
	}

	private void unlock(String objectId, List<EngineHold> ended) {
		Entry own = entry(objectId);
		if (own == null || own.locks == 0) {
			throw new IllegalMonitorStateException("Thread '" + Thread.currentThread().getName()
					+ "' does not hold the lock on '" + objectId + "', so it cannot unlock it"
					+ ((own != null) ? "; it has, and only a transaction keeps the lock until it has completed" : ""));
		}
		own.locks--;
		if (endUse(own)) {
			ended.add(own.hold);
		}
		else if (own.locks == 0 && own.hold.isLost()) {
			throw own.hold.lostException();
		}
	}

	// Whether it was the last one, so that the hold is to be released.
	private boolean endUse(Entry own) {
		if (own.uses.decrementAndGet() > 0) {
			return false;
		}
		// Maybe of another thread: some managers complete transactions on one of their
		// own.
		own.ofThread.remove(own.hold.objectId(), own);
		if (own.ofThread.isEmpty() && own.ofThread == this.entries.get()) {
			this.entries.remove();
		}
		return true;
	}

	@Override
	public void transactionCompleted(Collection<Kept> kept) {
		List<EngineHold> ended = new ArrayList<>(kept.size());
		for (Kept hold : kept) {
			Entry own = (Entry) hold;
			own.hold.keep(-1);
			if (endUse(own)) {
				ended.add(own.hold);
			}
		}
		this.release.accept(ended);
	}

	@Nullable EngineHold get(String objectId) {
		Entry own = entry(objectId);
		return (own != null) ? own.hold : null;
	}

	private @Nullable Entry entry(String objectId) {
		Map<String, Entry> ofThread = this.entries.get();
		Entry own = (ofThread != null) ? ofThread.get(objectId) : null;
		return (own != null && own.uses.get() > 0) ? own : null;
	}

	private final class Entry implements Kept {

		private final EngineHold hold;

		private final Map<String, Entry> ofThread;

		// By this thread.
		private int locks = 1;

		// Locks, and transactions that keep the hold. Without uses it counts as none.
		private final AtomicInteger uses = new AtomicInteger(1);

		Entry(EngineHold hold, Map<String, Entry> ofThread) {
			this.hold = hold;
			this.ofThread = ofThread;
		}

		/**
		 * Adds a use, unless the last one has just ended.
		 */
		boolean use() {
			return this.uses.getAndUpdate((count) -> (count > 0) ? count + 1 : 0) > 0;
		}

		@Override
		public void checkBeforeCommit() {
			if (!this.hold.isHeld()) {
				throw this.hold.lostException();
			}
		}

		@Override
		public Transactions.Owner owner() {
			return ThreadOwnership.this;
		}

	}

	interface Taker {

		@Nullable LockKey takeAll(Request request, List<EngineHold> taken) throws InterruptedException;

	}

}
