package org.dragonflow.lock.jdbc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;

/**
 * Who waits for which key.
 */
final class Waiters {

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<String, List<Waiter>> byName = new HashMap<>();

	private long lastUsed = System.nanoTime();

	private volatile boolean closed;

	/**
	 * Adds a waiter.
	 * @param hold what it wants
	 * @return the waiter, to be closed
	 */
	Waiter add(Hold hold) {
		Waiter waiter = new Waiter(this, hold);
		this.lock.lock();
		try {
			this.byName.computeIfAbsent(waiter.name(), (name) -> new ArrayList<>(1)).add(waiter);
			this.lastUsed = System.nanoTime();
		}
		finally {
			this.lock.unlock();
		}
		return waiter;
	}

	void remove(Waiter waiter) {
		this.lock.lock();
		try {
			List<Waiter> all = this.byName.get(waiter.name());
			if (all != null && all.remove(waiter) && all.isEmpty()) {
				this.byName.remove(waiter.name());
			}
			this.lastUsed = System.nanoTime();
		}
		finally {
			this.lock.unlock();
		}
	}

	void wake(Collection<String> names) {
		this.lock.lock();
		try {
			for (String name : names) {
				this.byName.getOrDefault(name, List.of()).forEach(Waiter::wake);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Tells those who wait for some keys whose turn it is.
	 * @param turns for those of the keys that are not free for all
	 */
	void tell(Collection<String> names, Map<String, Turn> turns) {
		this.lock.lock();
		try {
			for (String name : names) {
				Turn turn = turns.get(name);
				List<Waiter> all = this.byName.getOrDefault(name, List.of());
				for (int i = 0; i < all.size(); i++) {
					if (turn == null) {
						all.get(i).wake();
					}
					else {
						// They stand in the order in which they have come.
						all.get(i).tell(turn, i == 0);
					}
				}
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * What those want who are to have it next, as far as they have been told.
	 */
	List<Hold> next() {
		this.lock.lock();
		try {
			return this.byName.values()
				.stream()
				.flatMap(List::stream)
				.filter(Waiter::isNext)
				.map(Waiter::hold)
				.toList();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * The names of the keys that somebody waits for.
	 */
	Set<String> names() {
		this.lock.lock();
		try {
			return new TreeSet<>(this.byName.keySet());
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * The names of the keys that somebody is due to have looked at, which is what happens
	 * now.
	 * @param longestPause for a waiter until the next look
	 */
	List<String> takeDue(long longestPause) {
		long now = System.nanoTime();
		// Several instances that wait for the same keys shall not ask at the same time.
		double variation = ThreadLocalRandom.current().nextDouble(0.75, 1.25);
		List<String> due = new ArrayList<>();
		this.lock.lock();
		try {
			this.byName.forEach((name, all) -> {
				if (all.stream().anyMatch((waiter) -> waiter.isDue(now))) {
					due.add(name);
					all.forEach((waiter) -> waiter.looked(now, longestPause, variation));
				}
			});
		}
		finally {
			this.lock.unlock();
		}
		due.sort(null);
		return due;
	}

	/**
	 * How long nobody is due to have a key looked at.
	 * @param otherwise the answer if nobody waits
	 */
	long nanosToNextLook(long otherwise) {
		long now = System.nanoTime();
		this.lock.lock();
		try {
			return this.byName.values()
				.stream()
				.flatMap(List::stream)
				.mapToLong((waiter) -> waiter.nanosToNextLook(now))
				.min()
				.orElse(otherwise);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * For how long nobody has waited.
	 */
	long idleNanos() {
		this.lock.lock();
		try {
			return this.byName.isEmpty() ? System.nanoTime() - this.lastUsed : 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Ends all waits.
	 */
	void close() {
		this.closed = true;
		wake(names());
	}

	boolean isClosed() {
		return this.closed;
	}

	void checkOpen() {
		if (this.closed) {
			throw LockStoreException.unreachable("The lock driver has been closed", null);
		}
	}

}
