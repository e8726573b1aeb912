package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.spi.Deadline;

/**
 * Liveness: one lease in etcd, and the keys of this client that live as long as it.
 */
final class Session {

	private static final Duration IDLE = Duration.ofMinutes(1);

	private final long lease;

	private final Duration duration;

	private final Set<String> keys = ConcurrentHashMap.newKeySet();

	private final AtomicLong renewedSince;

	private volatile long term;

	private final AtomicBoolean doubt = new AtomicBoolean();

	private final AtomicBoolean over = new AtomicBoolean();

	private volatile long usedAt = System.nanoTime();

	private volatile boolean retired;

	/**
	 * A session that begins.
	 * @param lease the lease's id
	 * @param duration how long the lease lasts if it is not renewed, as etcd has said
	 * @param sentNanoTime right before the lease was asked for
	 * @param term the term of the leader of etcd that has given it
	 */
	Session(long lease, Duration duration, long sentNanoTime, long term) {
		this.lease = lease;
		this.duration = duration;
		this.renewedSince = new AtomicLong(sentNanoTime);
		this.term = term;
	}

	long lease() {
		return this.lease;
	}

	Duration duration() {
		return this.duration;
	}

	/**
	 * Until when etcd surely keeps the keys: counted from when the last renewal that was
	 * answered had been sent.
	 */
	Deadline validUntil() {
		return Deadline.ofLease(this.renewedSince.get(), this.duration);
	}

	/**
	 * Renewed, as the leader of a term has said.
	 */
	void renewed(long sentNanoTime, long term) {
		if (term != this.term) {
			doubt();
		}
		this.term = term;
		this.renewedSince.accumulateAndGet(sentNanoTime, (a, b) -> (a - b > 0) ? a : b);
	}

	/**
	 * Whether only a majority of etcd can tell that the leader which has renewed the
	 * lease is the leader. Whoever asks has to ask that majority.
	 */
	boolean takeDoubt() {
		return this.doubt.getAndSet(false);
	}

	void doubt() {
		this.doubt.set(true);
	}

	/**
	 * The term of the leader that has answered to the last renewal.
	 */
	long term() {
		return this.term;
	}

	/**
	 * How long ago the last renewal that was answered had been sent.
	 */
	long nanosSinceRenewal() {
		return System.nanoTime() - this.renewedSince.get();
	}

	/**
	 * Makes a key live as long as the lease.
	 * @return false if the session takes no keys any more
	 */
	boolean claim(String key) {
		this.keys.add(key);
		this.usedAt = System.nanoTime();
		// Retired first, looked for keys then: one of the two sees the other.
		if (this.retired || this.over.get() || validUntil().hasPassed()) {
			this.keys.remove(key);
			return false;
		}
		return true;
	}

	void forget(String key) {
		this.keys.remove(key);
		this.usedAt = System.nanoTime();
	}

	boolean hasClaimed(String key) {
		return this.keys.contains(key);
	}

	boolean hasKeys() {
		return !this.keys.isEmpty();
	}

	List<String> keys() {
		return List.copyOf(this.keys);
	}

	/**
	 * Whether nobody has used it for long.
	 */
	boolean isIdle() {
		long limit = Math.max(IDLE.toNanos(), this.duration.multipliedBy(2).toNanos());
		return !hasKeys() && System.nanoTime() - this.usedAt > limit;
	}

	/**
	 * Takes no more keys; those that are there go on.
	 */
	void retire() {
		this.retired = true;
	}

	boolean isRetired() {
		return this.retired;
	}

	/**
	 * Ends.
	 * @return false if it has ended before
	 */
	boolean end() {
		this.retired = true;
		return this.over.compareAndSet(false, true);
	}

	boolean isOver() {
		return this.over.get();
	}

}
