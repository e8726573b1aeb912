package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Renews all holds of this JVM, those with the same lease in one batch, and notices when
 * a lease has ended all the same. A hold that is released within a fifth of its lease is
 * never renewed and costs an entry in a map, nothing more.
 */
final class LeaseKeeper {

	private static final Log logger = LogFactory.getLog(LeaseKeeper.class);

	private final Store store;

	private final EngineThreads threads;

	private final Map<Duration, Batch> batches = new ConcurrentHashMap<>();

	LeaseKeeper(Store store, EngineThreads threads) {
		this.store = store;
		this.threads = threads;
	}

	void keep(EngineHold hold) {
		Batch batch;
		do {
			batch = this.batches.get(hold.lease());
			if (batch == null) {
				batch = this.batches.computeIfAbsent(hold.lease(), Batch::new);
			}
			// One that has just ended is no longer in the map.
		}
		while (!batch.add(hold));
	}

	void forget(EngineHold hold) {
		Batch batch = this.batches.get(hold.lease());
		if (batch != null) {
			// Only if it is still this one: its grant may have gone over to another hold.
			batch.holds.remove(hold.storeHold(), hold);
		}
	}

	/**
	 * The hold that is kept for what a driver knows of it.
	 */
	@Nullable EngineHold find(Hold storeHold) {
		for (Batch batch : this.batches.values()) {
			EngineHold hold = batch.holds.get(storeHold);
			if (hold != null) {
				return hold;
			}
		}
		return null;
	}

	/**
	 * Somebody has asked for the release of a hold.
	 */
	void revoke(EngineHold hold) {
		hold.revoke();
		tellSuccessor(hold);
	}

	/**
	 * The store has ended, or is about to end, a grant.
	 * @return whether a hold was lost with it
	 */
	boolean lose(Hold storeHold, String reason) {
		EngineHold hold = find(storeHold);
		if (hold == null) {
			return false;
		}
		boolean lost = hold.loseGrant(reason);
		tellSuccessor(hold);
		return lost;
	}

	// A grant may have been about to go over to the next hold, which then has looked too
	// early, but is kept already.
	private void tellSuccessor(EngineHold hold) {
		EngineHold successor = find(hold.storeHold());
		if (successor != null) {
			successor.catchUpWithGrant();
		}
	}

	List<EngineHold> all() {
		List<EngineHold> all = new ArrayList<>();
		this.batches.values().forEach((batch) -> all.addAll(batch.holds.values()));
		return all;
	}

	/**
	 * How the renewals go, the shortest lease first.
	 */
	List<RenewalStatus> status() {
		return this.batches.values()
			.stream()
			.map(Batch::status)
			.sorted(Comparator.comparing(RenewalStatus::lease))
			.toList();
	}

	/**
	 * The holds with one lease. Looks at them every third of it, and is gone when there
	 * are none.
	 */
	private final class Batch {

		private final Duration lease;

		private final Map<Hold, EngineHold> holds = new ConcurrentHashMap<>();

		private final AtomicBoolean renewing = new AtomicBoolean();

		private final Stopwatch failing = new Stopwatch();

		private final Stopwatch asking = new Stopwatch();

		private volatile Deadline nextLook;

		private volatile boolean ended;

		Batch(Duration lease) {
			this.lease = lease;
			this.nextLook = Deadline.in(lease.dividedBy(3));
			LeaseKeeper.this.threads.later(this::tick, lease.toNanos() / 3);
		}

		RenewalStatus status() {
			Duration late = Duration.ofNanos(Math.max(0, -this.nextLook.remainingNanos()));
			return new RenewalStatus(this.lease, this.holds.size(), late, this.asking.elapsed(),
					this.failing.elapsed());
		}

		/**
		 * Returns false if this batch has ended; another is to be asked then.
		 */
		boolean add(EngineHold hold) {
			this.holds.put(hold.storeHold(), hold);
			if (this.ended) {
				this.holds.remove(hold.storeHold());
				return false;
			}
			long left = hold.validUntil().remainingNanos();
			if (left < this.lease.toNanos() / 2) {
				// A late answer, or a grant that others have had before: the next look
				// may be too late for it.
				LeaseKeeper.this.threads.later(this::check, 0);
				LeaseKeeper.this.threads.later(this::check, left / 2);
				LeaseKeeper.this.threads.later(this::check, left);
			}
			return true;
		}

		private void tick() {
			long pause = this.lease.toNanos() / 3;
			try {
				long untilFirstDeadline = check();
				// A store may promise less than a lease. Then it is asked again in time,
				// and once more when that was in vain.
				boolean soon = untilFirstDeadline < pause * 2;
				pause = Math.min(pause,
						(soon && untilFirstDeadline > pause / 4) ? untilFirstDeadline / 2 : untilFirstDeadline);
			}
			finally {
				// Whatever goes wrong in one look, the holds must still be kept.
				if (!end()) {
					this.nextLook = Deadline.in(Duration.ofNanos(pause));
					LeaseKeeper.this.threads.later(this::tick, pause);
				}
			}
		}

		private boolean end() {
			this.ended = this.holds.isEmpty();
			// A hold may have come after the look and before the flag.
			this.ended = this.ended && this.holds.isEmpty();
			if (this.ended) {
				LeaseKeeper.this.batches.remove(this.lease, this);
			}
			return this.ended;
		}

		/**
		 * Finds what is lost, starts to renew what is due, and returns how long none of
		 * the leases ends.
		 */
		private long check() {
			long untilFirstDeadline = Long.MAX_VALUE;
			List<EngineHold> due = new ArrayList<>();
			for (EngineHold hold : this.holds.values()) {
				if (hold.isHeld()) {
					untilFirstDeadline = Math.min(untilFirstDeadline, hold.validUntil().remainingNanos());
					if (hold.isDue()) {
						due.add(hold);
					}
				}
			}
			if (due.isEmpty() && !this.renewing.get()) {
				// What could not be renewed has ended meanwhile.
				this.failing.stop();
			}
			// One renewal at a time: where the store is slow, a second one is of no help.
			if (!due.isEmpty() && this.renewing.compareAndSet(false, true)) {
				LeaseKeeper.this.threads.renew(() -> renew(due));
			}
			return Math.max(0, untilFirstDeadline);
		}

		private void renew(List<EngineHold> due) {
			try {
				List<Hold> storeHolds = new ArrayList<>(due.size());
				for (EngineHold hold : due) {
					if (hold.isHeld()) {
						storeHolds.add(hold.storeHold());
					}
				}
				if (!storeHolds.isEmpty()) {
					this.asking.start();
					apply(LeaseKeeper.this.store.renew(storeHolds, this.lease), storeHolds);
				}
				this.failing.stop();
			}
			catch (RuntimeException ex) {
				// Also what a driver throws against its contract: the other holds must
				// still be kept, and the deadline decides whether anything was lost.
				retry(due.size(), ex);
			}
			finally {
				this.asking.stop();
				this.renewing.set(false);
			}
		}

		private void apply(Renewal renewal, Collection<Hold> asked) {
			for (Hold storeHold : asked) {
				EngineHold hold = this.holds.get(storeHold);
				if (hold == null) {
					continue;
				}
				Deadline validUntil = renewal.renewed().get(storeHold);
				if (renewal.lost().contains(storeHold)) {
					lose(storeHold, "the store no longer had its record when it was renewed");
				}
				else if (validUntil != null) {
					hold.extend(validUntil);
					if (renewal.revocations().contains(storeHold)) {
						LeaseKeeper.this.revoke(hold);
					}
				}
			}
		}

		private void retry(int count, RuntimeException ex) {
			String message = "Renewing " + count + " lock(s) with a lease of " + this.lease
					+ " failed; trying on until the lease ends";
			if (this.failing.isRunning()) {
				logger.debug(message, ex);
			}
			else {
				logger.warn(message, ex);
			}
			this.failing.start();
			LeaseKeeper.this.threads.later(this::check, this.lease.toNanos() / 12);
		}

	}

}
