package org.dragonflow.lock.redis;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that may wait. It is known before its first request is sent, so no message
 * is too early for it.
 */
final class Waiter implements AutoCloseable {

	private final WaiterRegistry registry;

	private final String owner;

	private final Semaphore signal = new Semaphore(0);

	private volatile @Nullable HandOver handOver;

	private volatile boolean driverClosed;

	private long request;

	private long sentNanoTime;

	Waiter(WaiterRegistry registry, String owner) {
		this.registry = registry;
		this.owner = owner;
	}

	/**
	 * Notes that a request is about to be sent. A server that makes this waiter the
	 * holder names the last request that it knew of. Only one that names this request
	 * counts from now on: the answer to it tells everything that came before. So whatever
	 * is believed of a lease is counted from a moment before the server began it, and a
	 * message that is late cannot revive a hold that has ended.
	 * @return the number of the request
	 */
	long beginRequest() {
		this.request = this.registry.nextRequest();
		this.sentNanoTime = System.nanoTime();
		return this.request;
	}

	/**
	 * When the last request was sent.
	 */
	long sentNanoTime() {
		return this.sentNanoTime;
	}

	/**
	 * Waits for being made the holder.
	 * @return null if it is time to look again: because the deadline has passed, or
	 * because messages may have been lost
	 * @throws LockStoreException if the driver has been closed
	 */
	@Nullable HandOver await(Deadline until) throws InterruptedException {
		while (true) {
			HandOver received = this.handOver;
			if (received != null && received.request() == this.request) {
				return received;
			}
			if (this.driverClosed) {
				throw LockStoreException.unreachable("The driver has been closed while " + this.owner + " waited",
						null);
			}
			if (!this.signal.tryAcquire(until.remainingNanos(), TimeUnit.NANOSECONDS)) {
				return null;
			}
			if (this.handOver == received && !this.driverClosed) {
				return null;
			}
		}
	}

	String owner() {
		return this.owner;
	}

	void handedOver(HandOver received) {
		this.handOver = received;
		this.signal.release();
	}

	void lookAgain() {
		this.signal.release();
	}

	void driverClosed() {
		this.driverClosed = true;
		this.signal.release();
	}

	@Override
	public void close() {
		this.registry.remove(this);
	}

}
