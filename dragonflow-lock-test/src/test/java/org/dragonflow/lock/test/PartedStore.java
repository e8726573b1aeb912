package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * A store of several parts, each with the locks whose keys fall to it, and each of which
 * may fail by itself.
 */
final class PartedStore {

	static final int PARTS = 3;

	private static final Duration SLOW = Duration.ofMillis(150);

	private final List<LocalLockDriver> parts = Stream.generate(LocalLockDriver::new).limit(PARTS).toList();

	private final AtomicReferenceArray<Trouble> troubles = new AtomicReferenceArray<>(PARTS);

	private final AtomicInteger failures = new AtomicInteger();

	PartedStore() {
		IntStream.range(0, PARTS).forEach(this::heal);
	}

	static int partOf(LockKey key) {
		return Math.floorMod(key.name().hashCode(), PARTS);
	}

	List<LocalLockDriver> newClients() {
		return this.parts.stream().map(LocalLockDriver::newClient).toList();
	}

	void fail(int part, Trouble trouble) {
		this.failures.set(0);
		this.troubles.set(part, trouble);
	}

	void heal(int part) {
		this.troubles.set(part, Trouble.NONE);
	}

	/**
	 * How many requests have failed since the last part began to fail.
	 */
	int failures() {
		return this.failures.get();
	}

	/**
	 * What the store has of a key, whether or not its part answers.
	 */
	boolean hasRecord(LockKey key) {
		return this.parts.get(partOf(key)).look(key) != null;
	}

	/**
	 * Refuses a request for several parts before it has had an effect on any of them, if
	 * one of them refuses for all.
	 */
	void refuseForAll(Collection<Integer> parts) {
		if (parts.stream().anyMatch((part) -> this.troubles.get(part) == Trouble.REFUSING_FOR_ALL)) {
			throw failed(LockStoreException.refused("One part wants nothing of it, so none does anything", null));
		}
	}

	/**
	 * Sends a request to a part.
	 */
	<T extends @Nullable Object> T send(int part, Supplier<T> request) {
		switch (this.troubles.get(part)) {
			case UNREACHABLE -> throw failed(LockStoreException.unreachable("Part " + part + " is not there", null));
			case REFUSING, REFUSING_FOR_ALL ->
				throw failed(LockStoreException.refused("Part " + part + " wants nothing of it", null));
			case SLOW -> {
				sleep();
				request.get();
				throw failed(LockStoreException.unreachable("Part " + part + " has not answered in time", null));
			}
			default -> {
				return request.get();
			}
		}
	}

	private LockStoreException failed(LockStoreException failure) {
		this.failures.incrementAndGet();
		return failure;
	}

	private static void sleep() {
		try {
			TimeUnit.NANOSECONDS.sleep(SLOW.toNanos());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * How a part fails.
	 */
	enum Trouble {

		NONE,

		UNREACHABLE,

		REFUSING,

		/** It refuses, and so do the others what is sent together with its own. */
		REFUSING_FOR_ALL,

		/** It does what it is asked for, and its answer comes too late. */
		SLOW

	}

}
