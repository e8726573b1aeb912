package org.dragonflow.lock.engine;

import java.util.List;

/**
 * What one instance holds and waits for. Nothing is stopped while it is taken: each id is
 * as it was at one moment, different ids at different ones.
 *
 * @param held the locks that are held, those that have been held the longest first;
 * unmodifiable
 * @param waiting the threads that wait, those that have waited the longest first;
 * unmodifiable
 * @param heldCount how many locks are held, also where not all are listed
 * @param waitingCount how many threads wait, also where not all are listed
 */
public record LockSnapshot(List<HeldLock> held, List<WaitingThread> waiting, long heldCount, long waitingCount) {

	/**
	 * Whether there is more than what is listed.
	 * @return true if a list was cut
	 */
	public boolean isCut() {
		return this.held.size() < this.heldCount || this.waiting.size() < this.waitingCount;
	}

}
