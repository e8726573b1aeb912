package org.dragonflow.lock.redis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.LockStoreException;

/**
 * The waiters of a client, by their owners.
 */
final class WaiterRegistry {

	private final Map<String, Waiter> waiters = new ConcurrentHashMap<>();

	private final AtomicLong requests = new AtomicLong();

	private volatile boolean closed;

	Waiter add(String owner) {
		Waiter waiter = new Waiter(this, owner);
		this.waiters.put(owner, waiter);
		if (this.closed) {
			this.waiters.remove(owner);
			throw LockStoreException.unreachable("The driver has been closed", null);
		}
		return waiter;
	}

	void remove(Waiter waiter) {
		this.waiters.remove(waiter.owner(), waiter);
	}

	long nextRequest() {
		return this.requests.incrementAndGet();
	}

	void handedOver(HandOver handOver) {
		Waiter waiter = this.waiters.get(handOver.owner());
		// One that has gone has asked about the lock when it went, or undoes its attempt.
		if (waiter == null) {
			return;
		}
		if (handOver.token() == 0) {
			waiter.lookAgain();
		}
		else {
			waiter.handedOver(handOver);
		}
	}

	/**
	 * Messages may have been lost, so everybody has to look.
	 */
	void lookAgain() {
		this.waiters.values().forEach(Waiter::lookAgain);
	}

	void close() {
		this.closed = true;
		this.waiters.values().forEach(Waiter::driverClosed);
	}

}
