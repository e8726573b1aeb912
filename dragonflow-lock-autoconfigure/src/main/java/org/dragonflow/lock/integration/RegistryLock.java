package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;

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

	RegistryLock(org.dragonflow.lock.DistributedLock locks, String objectId) {
		this.locks = locks;
		this.objectId = objectId;
	}

	@Override
	public void lock() {
		this.locks.lock(request(FOREVER));
	}

	@Override
	public void lock(Duration ttl) {
		this.locks.lock(request(FOREVER).withLease(ttl));
	}

	@Override
	public void lockInterruptibly() throws InterruptedException {
		if (!tryLock(FOREVER)) {
			throw new IllegalStateException("A wait of " + FOREVER + " has ended");
		}
	}

	@Override
	public boolean tryLock() {
		return tryRequest(request(Duration.ZERO));
	}

	@Override
	public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
		return tryLock(Duration.ofNanos(Math.max(0, unit.toNanos(time))));
	}

	private boolean tryLock(Duration wait) throws InterruptedException {
		failIfInterrupted();
		return this.locks.tryLock(this.objectId, wait);
	}

	@Override
	public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
		failIfInterrupted();
		Duration wait = waitTime.isNegative() ? Duration.ZERO : waitTime;
		if (tryRequest(request(wait).withLease(ttl))) {
			return true;
		}
		// The wait for a hold with a lease of its own goes through interrupts.
		failIfInterrupted();
		return false;
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

	private boolean tryRequest(LockRequest request) {
		try {
			this.locks.lock(request);
			return true;
		}
		catch (LockUnavailableException ex) {
			return false;
		}
	}

	private LockRequest request(Duration wait) {
		return LockRequest.of(this.objectId).withWait(wait);
	}

	private static void failIfInterrupted() throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
	}

}
