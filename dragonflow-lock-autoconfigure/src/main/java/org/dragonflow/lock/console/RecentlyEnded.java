package org.dragonflow.lock.console;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongFunction;

import org.jspecify.annotations.Nullable;

/**
 * The last things that have ended, numbered from 0. Neither who adds nor who reads ever
 * waits for another.
 */
final class RecentlyEnded {

	/**
	 * How many are kept. With the texts that each may have, all together take less than 3
	 * MiB.
	 */
	static final int CAPACITY = 2048;

	private final AtomicReferenceArray<@Nullable Ended> slots = new AtomicReferenceArray<>(CAPACITY);

	private final AtomicLong next = new AtomicLong();

	void add(LongFunction<Ended> numbered) {
		long number = this.next.getAndIncrement();
		// Whoever was held up since it got its number must not hide a later one.
		this.slots.accumulateAndGet(slot(number), numbered.apply(number), RecentlyEnded::later);
	}

	/**
	 * Those that came later than some other.
	 * @param number the number of the other, or less than 0 for all that are still kept
	 * @return the later ones, in order
	 */
	Page after(long number) {
		long end = this.next.get();
		long asked = Math.min(Math.max(number, -1), end - 1) + 1;
		long first = Math.max(asked, end - CAPACITY);
		long missed = (number < 0) ? 0 : first - asked;
		long last = first - 1;
		List<Ended> found = new ArrayList<>();
		for (long i = first; i < end; i++) {
			Ended ended = this.slots.get(slot(i));
			if (ended == null || ended.number() < i) {
				// It has its number, and is added just now: the next page begins with it.
				break;
			}
			if (ended.number() == i) {
				found.add(ended);
			}
			else if (number >= 0) {
				missed++;
			}
			last = i;
		}
		return new Page(found, last, missed);
	}

	private static @Nullable Ended later(@Nullable Ended one, @Nullable Ended other) {
		return (one != null && other != null && one.number() > other.number()) ? one : other;
	}

	private static int slot(long number) {
		return (int) (number % CAPACITY);
	}

	/**
	 * A part of what has ended.
	 *
	 * @param ended in order
	 * @param last the number after which the next page begins
	 * @param missed how many were asked for, but are kept no longer
	 */
	record Page(List<Ended> ended, long last, long missed) {
	}

}
