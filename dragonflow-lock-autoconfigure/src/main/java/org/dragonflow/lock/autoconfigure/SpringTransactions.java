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

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transactions that Spring manages for threads.
 */
final class SpringTransactions implements Transactions {

	private static final Log logger = LogFactory.getLog(SpringTransactions.class);

	@Override
	public boolean keep(Kept hold) {
		// Synchronization alone is also active where a transaction was only supported,
		// and there is none. A transaction alone is one whose end nobody is told.
		if (!TransactionSynchronizationManager.isSynchronizationActive()
				|| !TransactionSynchronizationManager.isActualTransactionActive()) {
			return false;
		}
		return current().holds.add(hold);
	}

	private static KeptHolds current() {
		// Not as a resource of the thread: the list is put away while the transaction is
		// suspended, and so always that of the active one.
		for (TransactionSynchronization known : TransactionSynchronizationManager.getSynchronizations()) {
			if (known instanceof KeptHolds.Callback callback) {
				return callback.keptHolds();
			}
		}
		KeptHolds added = new KeptHolds();
		added.register();
		return added;
	}

	/**
	 * What one transaction keeps, until all callbacks of others have been called: they do
	 * their work under the locks.
	 */
	private static final class KeptHolds {

		private final Set<Kept> holds = new LinkedHashSet<>();

		// Still to be called at completion; the last one releases.
		private int callbacks;

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

			KeptHolds keptHolds() {
				return KeptHolds.this;
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
