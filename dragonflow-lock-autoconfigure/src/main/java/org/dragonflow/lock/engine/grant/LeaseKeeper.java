package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.dragonflow.lock.engine.RenewalStatus;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * Knows all grants of this JVM, from before the store is asked for them; renews them,
 * those with the same lease in one batch; and notices when a lease has ended all the
 * same. A hold that is released within a fifth of its lease is never renewed and costs an
 * entry in a map, nothing more.
 */
public record LeaseKeeper(Store store, EngineThreads threads, Logbook log, Map<Duration, LeaseBatch> batches) {

	public LeaseKeeper(Store store, EngineThreads threads, Logbook log) {
		this(store, threads, log, new ConcurrentHashMap<>());
	}

	/**
	 * Knows a grant from now on, which the store may be asked for after that.
	 */
	public void keep(EngineGrant grant) {
		LeaseBatch batch = this.batches.get(grant.lease());
		while (batch == null || !batch.add(grant)) {
			// One that has just ended is no longer in the map, or soon will not be.
			batch = this.batches.computeIfAbsent(grant.lease(), (lease) -> new LeaseBatch(lease, this));
		}
	}

	/**
	 * Looks at a grant in time that the store has given, or that another hold has now.
	 */
	public void look(EngineGrant grant) {
		LeaseBatch batch = grant.hasHalfOfItsLease() ? null : this.batches.get(grant.lease());
		if (batch != null) {
			batch.lookInTime(grant);
		}
	}

	public void forget(EngineGrant grant) {
		LeaseBatch batch = this.batches.get(grant.lease());
		if (batch != null) {
			batch.grants().remove(grant.id());
		}
	}

	private @Nullable EngineGrant find(Hold id) {
		for (LeaseBatch batch : this.batches.values()) {
			EngineGrant grant = batch.grants().get(id);
			if (grant != null) {
				return grant;
			}
		}
		return null;
	}

	public boolean lose(Hold id, String reason) {
		EngineGrant grant = find(id);
		return grant != null && grant.lose(reason);
	}

	public boolean revoke(Hold id) {
		EngineGrant grant = find(id);
		if (grant != null) {
			grant.revoke();
		}
		return grant != null;
	}

	public List<EngineGrant> all() {
		return this.batches.values()
			.stream()
			.flatMap((batch) -> batch.grants().values().stream())
			.filter(EngineGrant::isGranted)
			.toList();
	}

	public boolean isEmpty() {
		return this.batches.values().stream().allMatch((batch) -> batch.grants().isEmpty());
	}

	public List<RenewalStatus> status() {
		return this.batches.values()
			.stream()
			.map(LeaseBatch::status)
			.sorted(Comparator.comparing(RenewalStatus::lease))
			.toList();
	}

}
