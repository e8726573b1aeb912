package org.dragonflow.lock.engine.hold;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * Keeps the oldest of many things, and makes none of the others.
 */
final class Oldest<T> {

	private final PriorityQueue<Aged<T>> kept = new PriorityQueue<>(Comparator.comparingLong(Aged::nanos));

	// One moment for all, so that those seen late do not look older for it.
	private final long nanoTime = System.nanoTime();

	private final int limit;

	private long count;

	Oldest(int limit) {
		this.limit = limit;
	}

	/**
	 * Counts one, and keeps it if it is among the oldest.
	 * @param sinceNanoTime when it began
	 */
	void offer(long sinceNanoTime, Supplier<T> made) {
		long ageNanos = this.nanoTime - sinceNanoTime;
		this.count++;
		if (this.kept.size() < this.limit) {
			this.kept.add(new Aged<>(ageNanos, made.get()));
		}
		else if (!this.kept.isEmpty() && ageNanos > this.kept.peek().nanos) {
			this.kept.remove();
			this.kept.add(new Aged<>(ageNanos, made.get()));
		}
	}

	/**
	 * Counts some that are not to be kept.
	 */
	void skip(int count) {
		this.count += count;
	}

	/**
	 * How many there were in all.
	 */
	long count() {
		return this.count;
	}

	/**
	 * Those that were kept, the oldest first.
	 */
	List<T> list() {
		List<Aged<T>> sorted = new ArrayList<>(this.kept);
		sorted.sort(Comparator.<Aged<T>>comparingLong(Aged::nanos).reversed());
		return sorted.stream().map(Aged::value).toList();
	}

	private record Aged<T>(long nanos, T value) {
	}

}
