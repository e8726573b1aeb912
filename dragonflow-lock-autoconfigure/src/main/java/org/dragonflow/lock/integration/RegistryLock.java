package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.support.locks.DistributedLock;

/**
 * The contract of {@link java.util.concurrent.locks.Lock} for one object id.
 */
final class RegistryLock implements DistributedLock {

	/**
	 * That contract knows no wait that ends by configuration.
	 */
	private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

	private final org.dragonflow.lock.DistributedLock locks;

	private final String objectId;

	private final Set<LockRequest.Option> options;

	// What ends by itself waits for whomever it has to, and is refused in the end.
	private final Set<LockRequest.Option> triedOptions;

	RegistryLock(org.dragonflow.lock.DistributedLock locks, String objectId, Set<LockRequest.Option> options,
			Set<LockRequest.Option> triedOptions) {
		this.locks = locks;
		this.objectId = objectId;
		this.options = options;
		this.triedOptions = triedOptions;
	}

	@Override
	public void lock() {
		this.locks.lock(request(FOREVER));
	}

	@Override
	public void lock(Duration ttl) {
		this.locks.lock(request(FOREVER, ttl, this.options));
	}

	@Override
	public void lockInterruptibly() throws InterruptedException {
		if (!tryInterruptibly(request(FOREVER))) {
			throw new IllegalStateException("A wait of " + FOREVER + " has ended");
		}
	}

	@Override
	public boolean tryLock() {
		try {
			// Unlike the timed form, this one does not look at the interrupt flag.
			this.locks.lock(tried(Duration.ZERO, null));
			return true;
		}
		catch (LockUnavailableException ex) {
			return false;
		}
	}

	@Override
	public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
		return tryInterruptibly(tried(Duration.ofNanos(Math.max(0, unit.toNanos(time))), null));
	}

	@Override
	public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
		return tryInterruptibly(tried(waitTime.isNegative() ? Duration.ZERO : waitTime, ttl));
	}

	@Override
	public void unlock() {
		this.locks.unlock(this.objectId);
	}

	@Override
	public Condition newCondition() {
		throw new UnsupportedOperationException("A distributed lock has no conditions");
	}

	@Override
	public String toString() {
		return "lock on '" + this.objectId + "'";
	}

	private boolean tryInterruptibly(LockRequest request) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		return this.locks.tryLock(request);
	}

	private LockRequest request(Duration wait) {
		return request(wait, null, this.options);
	}

	private LockRequest tried(Duration wait, @Nullable Duration lease) {
		return request(wait, lease, this.triedOptions);
	}

	private LockRequest request(Duration wait, @Nullable Duration lease, Set<LockRequest.Option> options) {
		return new LockRequest(new TreeSet<>(List.of(this.objectId)), wait, lease, null, options);
	}

}
