package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.Renewal;

/**
 * A request for the renewal of some grants, from before it is sent until its answer has
 * been read.
 */
final class RenewalRequest implements Runnable {

	private final List<EngineGrant> grants;

	private final Duration lease;

	private final Store store;

	private final LeaseBatch batch;

	// Zero until it is sent.
	private volatile long sentNanoTime;

	RenewalRequest(List<EngineGrant> grants, Duration lease, Store store, LeaseBatch batch) {
		this.grants = grants;
		this.lease = lease;
		this.store = store;
		this.batch = batch;
		grants.forEach((grant) -> grant.beingRenewed(true));
	}

	@Override
	public void run() {
		try {
			List<EngineGrant> held = new ArrayList<>(this.grants.size());
			List<Hold> asked = new ArrayList<>(this.grants.size());
			for (EngineGrant grant : this.grants) {
				// Some may have been released since the look.
				if (grant.holder() != null) {
					held.add(grant);
					asked.add(grant.id());
				}
			}
			if (!asked.isEmpty()) {
				this.sentNanoTime = System.nanoTime() | 1;
				apply(held, this.store.renew(asked, this.lease));
			}
		}
		catch (Throwable ex) {
			// Nothing that goes wrong here may end the renewal of the others.
			this.grants.forEach(EngineGrant::doubt);
			this.batch.failed(this.grants.size(), ex);
		}
		finally {
			// All: one without a holder may have been handed over meanwhile.
			this.grants.forEach((grant) -> grant.beingRenewed(false));
			this.batch.isOver(this);
		}
	}

	private void apply(List<EngineGrant> held, Renewal renewal) {
		int unknown = 0;
		long now = System.nanoTime();
		// Of many thousands, hardly ever one: then nothing is looked up.
		boolean anyLost = !renewal.lost().isEmpty();
		boolean anyRevoked = !renewal.revocations().isEmpty();
		for (EngineGrant grant : held) {
			if (anyLost && renewal.lost().contains(grant.id())) {
				grant.lose("the store no longer had its record when it was renewed");
				continue;
			}
			Deadline validUntil = renewal.renewed().get(grant.id());
			if (validUntil != null) {
				grant.extend(validUntil, now);
				if (anyRevoked && renewal.revocations().contains(grant.id())) {
					grant.revoke();
				}
			}
			else {
				unknown++;
				grant.doubt();
			}
		}
		if (unknown > 0) {
			this.batch.failed(unknown, renewal.unknown().values().stream().findFirst().orElse(null));
		}
		else {
			this.batch.endFailingUnlessInDoubt();
		}
	}

	long nanosSinceSent() {
		long sent = this.sentNanoTime;
		return (sent != 0) ? System.nanoTime() - sent : 0;
	}

}
