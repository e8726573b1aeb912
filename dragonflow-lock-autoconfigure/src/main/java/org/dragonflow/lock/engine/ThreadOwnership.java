package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.engine.Transactions.KeptHold;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * What each thread holds by {@code lock} and {@code tryLock}, and how many times. A lost
 * hold stays here until its thread has unlocked it, and so has heard of the loss; a
 * thread that ends takes its entries with it. A hold that was taken inside a transaction
 * stays until that has completed, also after its last unlock.
 */
final class ThreadOwnership implements Ownership, Transactions.Owner {

	private final ManyHolds holds;

	private final Transactions transactions;

	private final ThreadLocal<@Nullable Map<String, Entry>> entries = new ThreadLocal<>();

	ThreadOwnership(ManyHolds holds, Transactions transactions) {
		this.holds = holds;
		this.transactions = transactions;
	}

	@Override
	public @Nullable LockKey takeAll(List<LockKey> keys, Duration lease, Deadline waitUntil, Waiting waiting,
			List<EngineHold> taken) throws InterruptedException {
		LockKey refused;
		try {
			List<LockKey> others = lockAgain(keys, taken);
			List<EngineHold> added = new ArrayList<>(others.size());
			refused = this.holds.takeAll(others, lease, waitUntil, waiting, Thread.currentThread(), added);
			added.forEach(this::own);
			taken.addAll(added);
		}
		catch (RuntimeException | InterruptedException ex) {
			Failures failures = new Failures();
			failures.collect(() -> endAll(taken));
			failures.suppressedBy(ex);
			throw ex;
		}
		if (refused != null) {
			endAll(taken);
			taken.clear();
			return refused;
		}
		// Not before: what has to be given back must not be kept.
		taken.forEach((hold) -> keepForTransaction(hold.objectId()));
		return null;
	}

	/**
	 * Counts one more lock of each that this thread has already.
	 * @return the others
	 */
	private List<LockKey> lockAgain(List<LockKey> keys, List<EngineHold> taken) {
		List<LockKey> others = new ArrayList<>(keys.size());
		for (LockKey key : keys) {
			Entry own = entry(key.objectId());
			// Going on inside a hold that was lost would be work without a lock.
			if (own != null && !own.hold.isHeld()) {
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
			ofThread = new HashMap<>();
			this.entries.set(ofThread);
		}
		ofThread.put(hold.objectId(), new Entry(hold));
	}

	private void keepForTransaction(String objectId) {
		Entry own = entry(objectId);
		if (own != null && own.use() && !this.transactions.keep(own) && endUse(own)) {
			this.holds.releaseAll(List.of(own.hold));
		}
	}

	@Override
	public void endAll(List<EngineHold> holds) {
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
		failures.collect(() -> this.holds.releaseAll(ended));
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
		this.holds.releaseAll(ended);
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
		else if (own.locks == 0 && !own.hold.isHeld()) {
			throw own.hold.lostException();
		}
	}

	/**
	 * Takes one use off.
	 * @return whether it was the last one, so that the hold is to be released
	 */
	private boolean endUse(Entry own) {
		if (own.uses.decrementAndGet() > 0) {
			return false;
		}
		Map<String, Entry> ofThread = this.entries.get();
		if (ofThread != null && ofThread.remove(own.hold.objectId(), own) && ofThread.isEmpty()) {
			this.entries.remove();
		}
		return true;
	}

	@Override
	public void transactionCompleted(Collection<KeptHold> kept) {
		List<EngineHold> ended = new ArrayList<>(kept.size());
		for (KeptHold hold : kept) {
			Entry own = (Entry) hold;
			if (endUse(own)) {
				ended.add(own.hold);
			}
		}
		this.holds.releaseAll(ended);
	}

	/**
	 * This thread's hold, lost or not.
	 */
	@Nullable EngineHold get(String objectId) {
		Entry own = entry(objectId);
		return (own != null) ? own.hold : null;
	}

	private @Nullable Entry entry(String objectId) {
		Map<String, Entry> ofThread = this.entries.get();
		Entry own = (ofThread != null) ? ofThread.get(objectId) : null;
		return (own != null && own.uses.get() > 0) ? own : null;
	}

	private final class Entry implements KeptHold {

		private final EngineHold hold;

		// By this thread.
		private int locks = 1;

		// The locks, and the transactions that keep the hold. Those of some managers end
		// on another thread, which then cannot take the entry out of this one's map; so
		// an entry without uses counts as none.
		private final AtomicInteger uses = new AtomicInteger(1);

		Entry(EngineHold hold) {
			this.hold = hold;
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

}
