package org.dragonflow.samples.northbound.network;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.samples.northbound.NotFoundException;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Service;

/**
 * Keeps a network as it is while an operator works on it: begun by one request and ended
 * by another. An annotated method could not do that. A {@link LockHandle} belongs to
 * whoever has it, not to a thread.
 */
@Service
@ConditionalOnBooleanProperty(name = "dragonflow.lock.enabled", matchIfMissing = true)
class MaintenanceService {

	private final DistributedLock lock;

	private final NetworkStore store;

	private final Map<String, LockHandle> holds = new ConcurrentHashMap<>();

	MaintenanceService(DistributedLock lock, NetworkStore store) {
		this.lock = lock;
		this.store = store;
	}

	public Maintenance begin(String networkId) throws InterruptedException {
		this.store.network(networkId);
		LockHandle hold = this.lock.acquire(LockRequest.of(networkId).withWait(Duration.ZERO));
		this.holds.put(networkId, hold);
		hold.onLost(() -> this.holds.remove(networkId, hold));
		return new Maintenance(networkId, hold.fencingToken());
	}

	public void end(String networkId) {
		LockHandle hold = this.holds.remove(networkId);
		if (hold == null) {
			throw new NotFoundException("maintenance by this instance of network", networkId);
		}
		hold.close();
	}

	/**
	 * A maintenance under way.
	 *
	 * @param networkId the network
	 * @param fencingToken rises with every hold of the network. A switch that remembers
	 * the highest one refuses an operator whose maintenance ended without notice.
	 */
	record Maintenance(String networkId, long fencingToken) {
	}

}
