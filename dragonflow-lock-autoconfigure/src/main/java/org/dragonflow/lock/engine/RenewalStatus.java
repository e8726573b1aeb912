package org.dragonflow.lock.engine;

import java.time.Duration;

/**
 * How the renewal of those holds goes that have one lease in common, as it was at one
 * moment.
 *
 * @param lease the lease
 * @param holds how many holds there are
 * @param lookLate by how much the next look at them is late, because the timer could not
 * run; zero if it is not
 * @param renewingFor how long the store has been asked for a renewal and has not
 * answered; zero if it is not being asked
 * @param failingFor how long all renewals have failed; zero if the last one did not
 */
public record RenewalStatus(Duration lease, int holds, Duration lookLate, Duration renewingFor, Duration failingFor) {

	/**
	 * Whether the holds are renewed in time. They are looked at every third of their
	 * lease, so with a delay of half of that there is still time for another try.
	 * @return false if renewals fail, or a look or an answer is late by more than a sixth
	 * of the lease
	 */
	public boolean isOnTime() {
		Duration bearable = this.lease.dividedBy(6);
		return this.failingFor.isZero() && this.lookLate.compareTo(bearable) <= 0
				&& this.renewingFor.compareTo(bearable) <= 0;
	}

}
