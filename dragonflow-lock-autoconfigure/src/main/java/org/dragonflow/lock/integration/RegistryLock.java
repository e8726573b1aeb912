package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.Set;
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

	private final Set<LockRequest.Option> options;

	RegistryLock(org.dragonflow.lock.DistributedLock locks, String objectId, Set<LockRequest.Option> options) {
		this.locks = locks;
		this.objectId = objectId;
		this.options = options;
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
		if (!tryInterruptibly(request(FOREVER))) {
			throw new IllegalStateException("A wait of " + FOREVER + " has ended");
		}
	}

	@Override
	public boolean tryLock() {
		try {
			// Unlike the timed form, this one does not look at the interrupt flag.
			this.locks.lock(tried(Duration.ZERO));
			return true;
		}
		catch (LockUnavailableException ex) {
			return false;
		}
	}

	@Override
	public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
		return tryInterruptibly(tried(Duration.ofNanos(Math.max(0, unit.toNanos(time)))));
	}

	@Override
	public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
		return tryInterruptibly(tried(waitTime.isNegative() ? Duration.ZERO : waitTime).withLease(ttl));
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

	// What ends by itself waits for whomever it has to, and is refused in the end.
	private LockRequest tried(Duration wait) {
		return request(wait).withOption(LockRequest.Option.WAIT_IN_CYCLES);
	}

	private LockRequest request(Duration wait) {
		LockRequest request = LockRequest.of(this.objectId).withWait(wait);
		for (LockRequest.Option option : this.options) {
			request = request.withOption(option);
		}
		return request;
	}

}
