package org.dragonflow.lock.observation;

import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.NbLocked;

/**
 * A service whose methods are locked, and which knows itself what they were locked by.
 */
public class MeasuredNetworks {

	private final DistributedLock lock;

	private final Collection<Long> tokens = new ConcurrentLinkedQueue<>();

	/**
	 * Creates the service.
	 * @param lock the lock that the methods are locked by
	 */
	public MeasuredNetworks(DistributedLock lock) {
		this.lock = lock;
	}

	/**
	 * Does something for a short time.
	 */
	@NbLocked("#networkId")
	public void update(String networkId) throws InterruptedException {
		LockHandle held = this.lock.held(networkId);
		if (held == null) {
			throw new IllegalStateException("Not locked");
		}
		this.tokens.add(held.fencingToken());
		Thread.sleep(1);
	}

	/**
	 * The fencing tokens of all calls so far.
	 */
	public Collection<Long> tokens() {
		return this.tokens;
	}

}
