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
			if (known instanceof KeptHolds keptHolds) {
				return keptHolds;
			}
		}
		KeptHolds added = new KeptHolds();
		TransactionSynchronizationManager.registerSynchronization(added);
		return added;
	}

	/**
	 * What one transaction keeps. Its order is the lowest there is, so that others have
	 * done their work under the locks.
	 */
	private static final class KeptHolds implements TransactionSynchronization {

		private final Set<Kept> holds = new LinkedHashSet<>();

		@Override
		public void beforeCommit(boolean readOnly) {
			// The last moment at which a loss can be answered by a rollback.
			this.holds.forEach(Kept::checkBeforeCommit);
		}

		@Override
		public void afterCompletion(int status) {
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
				case STATUS_COMMITTED -> "has been committed";
				case STATUS_ROLLED_BACK -> "has been rolled back";
				default -> "has ended in an unknown way";
			};
		}

	}

}
