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
 * @param failingFor how long the renewal of one or more has failed; zero if none does
 * @param sinceRenewal the time since the store has last confirmed the one that it
 * confirmed the longest ago, by its grant or by a renewal; zero if none is to be renewed
 */
public record RenewalStatus(Duration lease, int holds, Duration lookLate, Duration renewingFor, Duration failingFor,
		Duration sinceRenewal) {

	/**
	 * Whether the holds are renewed in time. They are looked at every third of their
	 * lease, and renewed once a fifth of it is over, so each is confirmed before eight
	 * fifteenths of it are; with a delay of a sixth there is still time for another try.
	 * @return false if renewals fail, a look or an answer is late by more than a sixth of
	 * the lease, or a hold has not been confirmed for seven tenths of it, whatever the
	 * reason
	 */
	public boolean isOnTime() {
		Duration bearable = this.lease.dividedBy(6);
		return this.failingFor.isZero() && this.lookLate.compareTo(bearable) <= 0
				&& this.renewingFor.compareTo(bearable) <= 0
				&& this.sinceRenewal.compareTo(this.lease.multipliedBy(7).dividedBy(10)) <= 0;
	}

}
