package org.dragonflow.lock.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockException;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transactions that Spring manages for threads.
 */
final class SpringTransactions implements Transactions {

	private static final Log logger = LogFactory.getLog(SpringTransactions.class);

	// Of those that another manager's has put away, the innermost one.
	private final ThreadLocal<@Nullable KeptHolds> putAway = new ThreadLocal<>();

	private final ReadBeforeLock readBeforeLock;

	SpringTransactions() {
		this(new ReadBeforeLock(ReadBeforeLock.Reaction.IGNORE));
	}

	SpringTransactions(ReadBeforeLock readBeforeLock) {
		this.readBeforeLock = readBeforeLock;
	}

	@Override
	public void beforeLocking(List<LockKey> keys) {
		this.readBeforeLock.check(keys);
	}

	@Override
	public boolean keep(Kept hold) {
		if (isActive()) {
			return current().holds.add(hold);
		}
		// One whose end nobody is told may stand inside of one whose end is.
		KeptHolds surrounding = surrounding();
		return surrounding != null && surrounding.holds.add(hold);
	}

	/**
	 * Called when a transaction of this thread has begun. Once another manager has put it
	 * away to begin its own, there is no way to it any more.
	 * @param resource what the manager has bound to the thread for as long as it is
	 * active, and under which key
	 */
	void begun(Map.Entry<Object, Object> resource) {
		if (isActive()) {
			current().resource = resource;
		}
	}

	// Synchronization alone is also active where a transaction was only supported, and
	// there is none. A transaction alone is one whose end nobody is told.
	private static boolean isActive() {
		return TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.isActualTransactionActive();
	}

	private KeptHolds current() {
		// Not as a resource of the thread: the list is put away while the transaction is
		// suspended, and so always that of the active one.
		for (TransactionSynchronization known : TransactionSynchronizationManager.getSynchronizations()) {
			if (known instanceof KeptHolds.Callback callback) {
				return callback.keptHolds();
			}
		}
		KeptHolds added = new KeptHolds(this.putAway, surrounding());
		added.register();
		return added;
	}

	private @Nullable KeptHolds surrounding() {
		KeptHolds candidate = this.putAway.get();
		while (candidate != null && !candidate.isStillActive()) {
			candidate = candidate.below;
		}
		return candidate;
	}

	/**
	 * What one transaction keeps, until all callbacks of others have been called: they do
	 * their work under the locks.
	 */
	private static final class KeptHolds {

		private final Set<Kept> holds = new LinkedHashSet<>();

		private final Thread thread = Thread.currentThread();

		private final ThreadLocal<@Nullable KeptHolds> putAway;

		// Goes on keeping what this one has kept. Only its callbacks are put away.
		private final @Nullable KeptHolds surrounding;

		private @Nullable KeptHolds below;

		private Map.@Nullable Entry<Object, Object> resource;

		// Still to be called at completion; the last one releases.
		private int callbacks;

		KeptHolds(ThreadLocal<@Nullable KeptHolds> putAway, @Nullable KeptHolds surrounding) {
			this.putAway = putAway;
			this.surrounding = surrounding;
		}

		/**
		 * Its own manager suspends it with its resource, and may bind another one then;
		 * that of others leaves this where it is.
		 */
		private boolean isStillActive() {
			return this.resource != null && TransactionSynchronizationManager
				.getResource(this.resource.getKey()) == this.resource.getValue();
		}

		void register() {
			TransactionSynchronizationManager.registerSynchronization(new Callback());
			this.callbacks++;
		}

		/**
		 * The lowest order is that of nearly all callbacks, and among equals the one that
		 * was registered last is called last. So whenever one of these is called, another
		 * one is registered behind whatever came in between.
		 */
		private void comeLast(Callback called) {
			if (!TransactionSynchronizationManager.isSynchronizationActive()) {
				return;
			}
			List<TransactionSynchronization> known = TransactionSynchronizationManager.getSynchronizations();
			// Not with the transaction of somebody else, if completion is told late.
			if (known.contains(called)
					&& !(known.get(known.size() - 1) instanceof Callback last && last.keptHolds() == this)) {
				register();
			}
		}

		private void complete(int status) {
			// On another thread, the surrounding one may have ended meanwhile.
			if (this.surrounding != null && Thread.currentThread() == this.thread) {
				// What that one keeps already, it keeps once.
				this.holds.removeIf(this.surrounding.holds::add);
			}
			Map<Owner, List<Kept>> byOwner = new LinkedHashMap<>();
			this.holds.forEach((hold) -> byOwner.computeIfAbsent(hold.owner(), (owner) -> new ArrayList<>()).add(hold));
			byOwner.forEach((owner, ofOwner) -> {
				try {
					owner.transactionCompleted(ofOwner);
				}
				catch (LockException ex) {
					// The outcome stands, and there is no caller to tell any more.
					logger.warn(
							"A lock was not released as it should be after its transaction, which " + outcome(status),
							ex);
				}
			});
		}

		private static String outcome(int status) {
			return switch (status) {
				case TransactionSynchronization.STATUS_COMMITTED -> "has been committed";
				case TransactionSynchronization.STATUS_ROLLED_BACK -> "has been rolled back";
				default -> "has ended in an unknown way";
			};
		}

		private final class Callback implements TransactionSynchronization {

			private final boolean isFirst = KeptHolds.this.callbacks == 0;

			KeptHolds keptHolds() {
				return KeptHolds.this;
			}

			@Override
			public void suspend() {
				if (this.isFirst) {
					KeptHolds.this.below = KeptHolds.this.putAway.get();
					KeptHolds.this.putAway.set(KeptHolds.this);
				}
			}

			@Override
			public void resume() {
				if (this.isFirst && KeptHolds.this.below != null) {
					KeptHolds.this.putAway.set(KeptHolds.this.below);
				}
				else if (this.isFirst) {
					KeptHolds.this.putAway.remove();
				}
			}

			@Override
			public void beforeCommit(boolean readOnly) {
				comeLast(this);
				// The last moment at which a loss can be answered by a rollback.
				KeptHolds.this.holds.forEach(Kept::checkBeforeCommit);
			}

			@Override
			public void beforeCompletion() {
				comeLast(this);
			}

			@Override
			public void afterCommit() {
				comeLast(this);
			}

			@Override
			public void afterCompletion(int status) {
				if (--KeptHolds.this.callbacks == 0) {
					complete(status);
				}
			}

		}

	}

}
