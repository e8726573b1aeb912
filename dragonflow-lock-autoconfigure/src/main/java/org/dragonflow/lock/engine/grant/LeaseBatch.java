package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.dragonflow.lock.engine.RenewalStatus;
import org.dragonflow.lock.engine.threads.EngineThreads;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * The grants with one lease. Looks at them every third of it, and is gone when there are
 * none. The looks are all that the thread of the deadlines does.
 */
final class LeaseBatch {

	private final Duration lease;

	private final EngineThreads threads;

	private final Logbook log;

	private final Map<Duration, LeaseBatch> batches;

	private final Map<Hold, EngineGrant> grants = new ConcurrentHashMap<>();

	private final Stopwatch failing = new Stopwatch();

	private final RenewalLane healthy;

	// What the store does not answer for has a request of its own, so that nothing else
	// waits for it.
	private final RenewalLane doubtful;

	private volatile Deadline nextLook;

	private volatile boolean ended;

	/**
	 * Creates a batch that looks at its grants from now on.
	 * @param batches where it is found until it has ended
	 */
	LeaseBatch(Duration lease, Store store, EngineThreads threads, Logbook log, Map<Duration, LeaseBatch> batches) {
		this.lease = lease;
		this.threads = threads;
		this.log = log;
		this.batches = batches;
		this.healthy = new RenewalLane(lease, store, threads, log, this.failing, this::answered);
		this.doubtful = new RenewalLane(lease, store, threads, log, this.failing, this::answered);
		this.nextLook = Deadline.in(lease.dividedBy(3));
		threads.atDeadline(this::tick, lease.toNanos() / 3);
	}

	RenewalStatus status() {
		int held = 0;
		long sinceRenewal = 0;
		for (EngineGrant grant : this.grants.values()) {
			held += (grant.isGranted() && grant.holder() != null) ? 1 : 0;
			sinceRenewal = Math.max(sinceRenewal, grant.nanosSinceConfirmed());
		}
		return new RenewalStatus(this.lease, held, Duration.ofNanos(Math.max(0, -this.nextLook.remainingNanos())),
				longer(this.healthy.asking(), this.doubtful.asking()), this.failing.elapsed(),
				Duration.ofNanos(sinceRenewal));
	}

	private static Duration longer(Duration one, Duration other) {
		return (one.compareTo(other) >= 0) ? one : other;
	}

	/**
	 * Returns false if this batch has ended; another is to be asked then.
	 */
	boolean add(EngineGrant grant) {
		this.grants.put(grant.id(), grant);
		if (this.ended) {
			this.grants.remove(grant.id());
			return false;
		}
		return true;
	}

	boolean isEmpty() {
		return this.grants.isEmpty();
	}

	void remove(EngineGrant grant) {
		this.grants.remove(grant.id());
	}

	@Nullable EngineGrant find(Hold id) {
		return this.grants.get(id);
	}

	void addGranted(List<EngineGrant> all) {
		this.grants.values().stream().filter(EngineGrant::isGranted).forEach(all::add);
	}

	/**
	 * A late answer, or a grant that others have had before: the next look may be too
	 * late for it.
	 */
	void lookInTime(EngineGrant grant) {
		long left = grant.remainingNanos();
		if (left < this.lease.toNanos() / 2) {
			this.threads.atDeadline(this::look, 0);
			this.threads.atDeadline(this::look, left / 2);
			this.threads.atDeadline(this::look, left);
		}
	}

	/**
	 * What could not be renewed is looked at again soon; if all could, or what could not
	 * has ended meanwhile, nothing fails any more.
	 */
	private void answered() {
		if (this.grants.values().stream().anyMatch((grant) -> grant.isDoubtful() && grant.holder() != null)) {
			this.threads.atDeadline(this::look, this.lease.toNanos() / 12);
		}
		else {
			this.failing.stop();
		}
	}

	private void tick() {
		long pause = this.lease.toNanos() / 3;
		try {
			long untilFirstDeadline = look();
			// A store may promise less than a lease. Then it is asked again in time, and
			// once more when that was in vain.
			boolean soon = untilFirstDeadline < pause * 2;
			pause = Math.min(pause,
					(soon && untilFirstDeadline > pause / 4) ? untilFirstDeadline / 2 : untilFirstDeadline);
		}
		finally {
			// Whatever goes wrong in one look, the grants must still be kept.
			if (!end()) {
				this.nextLook = Deadline.in(Duration.ofNanos(pause));
				this.threads.atDeadline(this::tick, pause);
			}
		}
	}

	private boolean end() {
		this.ended = this.grants.isEmpty();
		// A grant may have come after the look and before the flag.
		this.ended = this.ended && this.grants.isEmpty();
		if (this.ended) {
			this.batches.remove(this.lease, this);
		}
		return this.ended;
	}

	/**
	 * Finds what is lost, starts to renew what is due, and returns how long none of the
	 * leases ends.
	 */
	private long look() {
		Due due = new Due();
		for (EngineGrant grant : this.grants.values()) {
			try {
				due.look(grant);
			}
			catch (Throwable ex) {
				// Whatever is wrong with one, the others must still be kept.
				this.log.error("Looking at " + grant.id() + " failed", ex);
			}
		}
		this.healthy.renew(due.healthy);
		this.doubtful.renew(due.doubtful);
		if (this.failing.isRunning()) {
			answered();
		}
		return Math.max(0, due.untilFirstDeadline);
	}

	private static final class Due {

		private final List<EngineGrant> healthy = new ArrayList<>();

		private final List<EngineGrant> doubtful = new ArrayList<>();

		private long untilFirstDeadline = Long.MAX_VALUE;

		private void look(EngineGrant grant) {
			EngineHold hold = grant.holder();
			if (hold == null || !hold.isHeld()) {
				return;
			}
			if (hold.isAbandoned()) {
				hold.lose("its thread '" + hold.threadName() + "' has ended without having unlocked it");
				return;
			}
			this.untilFirstDeadline = Math.min(this.untilFirstDeadline, grant.remainingNanos());
			if (grant.isDue()) {
				(grant.isDoubtful() ? this.doubtful : this.healthy).add(grant);
			}
		}

	}

}
