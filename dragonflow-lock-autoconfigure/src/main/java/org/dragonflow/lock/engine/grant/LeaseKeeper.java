package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.ArrayList;
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
public final class LeaseKeeper {

	private final Store store;

	private final EngineThreads threads;

	private final Logbook log;

	private final Map<Duration, LeaseBatch> batches = new ConcurrentHashMap<>();

	public LeaseKeeper(Store store, EngineThreads threads, Logbook log) {
		this.store = store;
		this.threads = threads;
		this.log = log;
	}

	/**
	 * Knows a grant from now on, which the store may be asked for after that.
	 */
	public void keep(EngineGrant grant) {
		LeaseBatch batch;
		do {
			batch = this.batches.get(grant.lease());
			if (batch == null) {
				batch = this.batches.computeIfAbsent(grant.lease(),
						(lease) -> new LeaseBatch(lease, this.store, this.threads, this.log, this.batches));
			}
			// One that has just ended is no longer in the map.
		}
		while (!batch.add(grant));
	}

	/**
	 * Looks at a grant in time that the store has given, or that another hold has now.
	 */
	public void look(EngineGrant grant) {
		LeaseBatch batch = this.batches.get(grant.lease());
		if (batch != null) {
			batch.lookInTime(grant);
		}
	}

	public void forget(EngineGrant grant) {
		LeaseBatch batch = this.batches.get(grant.lease());
		if (batch != null) {
			batch.remove(grant);
		}
	}

	/**
	 * The grant that a driver tells of.
	 */
	public @Nullable EngineGrant find(Hold id) {
		for (LeaseBatch batch : this.batches.values()) {
			EngineGrant grant = batch.find(id);
			if (grant != null) {
				return grant;
			}
		}
		return null;
	}

	/**
	 * The store has ended, or is about to end, a grant.
	 * @return whether somebody had it
	 */
	public boolean lose(Hold id, String reason) {
		EngineGrant grant = find(id);
		return grant != null && grant.lose(reason);
	}

	/**
	 * Somebody asks for the release of a grant.
	 * @return whether this instance has it
	 */
	public boolean revoke(Hold id) {
		EngineGrant grant = find(id);
		if (grant != null) {
			grant.revoke();
		}
		return grant != null;
	}

	/**
	 * All that the store has granted.
	 */
	public List<EngineGrant> all() {
		List<EngineGrant> all = new ArrayList<>();
		this.batches.values().forEach((batch) -> batch.addGranted(all));
		return all;
	}

	/**
	 * Whether it knows of no grant.
	 */
	public boolean isEmpty() {
		return this.batches.values().stream().allMatch(LeaseBatch::isEmpty);
	}

	/**
	 * How the renewals go, the shortest lease first.
	 */
	public List<RenewalStatus> status() {
		return this.batches.values()
			.stream()
			.map(LeaseBatch::status)
			.sorted(Comparator.comparing(RenewalStatus::lease))
			.toList();
	}

}
