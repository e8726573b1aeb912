package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Sends renewals, one at a time: where the store is slow, a second one is of no help.
 */
final class RenewalLane {

	private final Duration lease;

	private final Store store;

	private final EngineThreads threads;

	private final Logbook log;

	private final Stopwatch failing;

	private final Runnable next;

	private final AtomicBoolean busy = new AtomicBoolean();

	private final Stopwatch asking = new Stopwatch();

	/**
	 * Creates a lane with nothing under way.
	 * @param failing started when something is unknown
	 * @param next called when an answer has come, or could not be had
	 */
	RenewalLane(Duration lease, Store store, EngineThreads threads, Logbook log, Stopwatch failing, Runnable next) {
		this.lease = lease;
		this.store = store;
		this.threads = threads;
		this.log = log;
		this.failing = failing;
		this.next = next;
	}

	/**
	 * How long the store has been asked, and has not answered.
	 */
	Duration asking() {
		return this.asking.elapsed();
	}

	/**
	 * Renews what is due, unless it is at that already.
	 */
	void renew(List<EngineGrant> due) {
		if (!due.isEmpty() && this.busy.compareAndSet(false, true)) {
			due.forEach((grant) -> grant.beingRenewed(true));
			if (!this.threads.renew(() -> send(due))) {
				failed(due.size(), "there is no thread to be had", null);
				done(due);
			}
		}
	}

	private void send(List<EngineGrant> due) {
		try {
			Map<Hold, EngineGrant> grants = new HashMap<>(due.size() * 2);
			for (EngineGrant grant : due) {
				if (grant.holder() != null) {
					grants.put(grant.id(), grant);
				}
			}
			this.asking.start();
			apply(this.store.renew(grants.keySet(), this.lease), grants);
		}
		catch (Throwable ex) {
			// Nothing that goes wrong here may end the renewal of the others.
			failed(due.size(), "it went wrong in a way that it never should", ex);
		}
		finally {
			this.asking.stop();
			done(due);
		}
	}

	private void done(List<EngineGrant> due) {
		due.forEach((grant) -> grant.beingRenewed(false));
		this.busy.set(false);
		this.next.run();
	}

	/**
	 * Takes an answer grant by grant.
	 */
	private void apply(Renewal renewal, Map<Hold, EngineGrant> grants) {
		int unknown = 0;
		for (EngineGrant grant : grants.values()) {
			Deadline validUntil = renewal.renewed().get(grant.id());
			if (renewal.lost().contains(grant.id())) {
				grant.lose("the store no longer had its record when it was renewed");
			}
			else if (validUntil != null) {
				grant.extend(validUntil);
				if (renewal.revocations().contains(grant.id())) {
					grant.revoke();
				}
			}
			else {
				unknown++;
				grant.doubt();
			}
		}
		if (unknown > 0) {
			LockStoreException reason = renewal.unknown().values().stream().findFirst().orElse(null);
			failed(unknown, (reason != null) ? String.valueOf(reason.getMessage()) : "the driver has left it open",
					reason);
		}
	}

	private void failed(int count, String why, @Nullable Throwable cause) {
		String message = "Renewing " + count + " lock(s) with a lease of " + this.lease
				+ " failed; trying on until the lease ends: " + why;
		if (this.failing.isRunning()) {
			this.log.debug(message, cause);
		}
		else {
			this.log.warn(message, cause);
		}
		this.failing.start();
	}

}
