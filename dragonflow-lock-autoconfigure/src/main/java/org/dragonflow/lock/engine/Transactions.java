package org.dragonflow.lock.engine;

import java.util.Collection;
import java.util.List;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockKey;

/**
 * The transactions that threads work in, whoever manages them. What a thread locks inside
 * of one is kept until it has completed: others must not see the state before its commit.
 */
public interface Transactions {

	/**
	 * No transactions: what is unlocked is released at once.
	 */
	Transactions NONE = (hold) -> false;

	/**
	 * Called by a thread that is about to ask for what it does not hold yet. May refuse
	 * that by an exception, where the thread may have read already what the locks are to
	 * protect.
	 * @param keys what is asked for
	 */
	default void beforeLocking(List<LockKey> keys) {
	}

	/**
	 * Keeps a hold until the transaction that is active on this thread has completed.
	 * @param hold what to keep
	 * @return whether the transaction keeps it from now on, and will say so when it has
	 * completed; false if there is no transaction, or it keeps this hold already
	 */
	boolean keep(Kept hold);

	/**
	 * A hold that is kept by a transaction. A hold may be kept by several: of a thread
	 * that has suspended one to work in another.
	 */
	interface Kept {

		/**
		 * Called before the transaction is committed, while it can still be rolled back.
		 * @throws LockLostException if the hold was lost, so that the commit would be one
		 * without the lock
		 */
		void checkBeforeCommit();

		/**
		 * Who is told when the transaction has completed, of all its holds together.
		 */
		Owner owner();

	}

	/**
	 * Of whom transactions keep holds.
	 */
	interface Owner {

		/**
		 * Called once, by any thread, when a transaction has been committed or rolled
		 * back. Releases those holds that nothing else needs, all in one request if the
		 * store can; a failure of one does not keep the others from ending.
		 * @param holds all of this owner that the transaction has kept
		 * @throws LockLostException if one was lost before
		 * @throws LockStoreException if the store did not confirm a release
		 */
		void transactionCompleted(Collection<Kept> holds);

	}

}
