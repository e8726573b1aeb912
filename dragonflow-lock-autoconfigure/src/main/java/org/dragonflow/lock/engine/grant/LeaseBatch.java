package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import org.dragonflow.lock.engine.RenewalStatus;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * The grants with one lease. Looks at them every third of it, and is gone when there are
 * none. The looks are all that the thread of the deadlines does.
 */
final class LeaseBatch {

	// As many as there are threads for them: each may have to wait for the store.
	private static final int DOUBTFUL_PARTS = 4;

	private final Duration lease;

	private final LeaseKeeper keeper;

	private final Map<Hold, EngineGrant> grants = new ConcurrentHashMap<>();

	private final Set<RenewalRequest> underWay = ConcurrentHashMap.newKeySet();

	// Zero while nothing fails.
	private volatile long failingSinceNanoTime;

	private final AtomicBoolean retrying = new AtomicBoolean();

	private volatile Deadline nextLook;

	private volatile boolean ended;

	LeaseBatch(Duration lease, LeaseKeeper keeper) {
		this.lease = lease;
		this.keeper = keeper;
		this.nextLook = Deadline.in(lease.dividedBy(3));
		keeper.threads().atDeadline(this::tick, lease.toNanos() / 3);
	}

	RenewalStatus status() {
		int held = 0;
		long since = this.failingSinceNanoTime;
		long failing = (since != 0) ? System.nanoTime() - since : 0;
		long asking = this.underWay.stream().mapToLong(RenewalRequest::nanosSinceSent).max().orElse(0);
		long sinceRenewal = 0;
		for (EngineGrant grant : this.grants.values()) {
			held += (grant.isGranted() && grant.holder() != null) ? 1 : 0;
			sinceRenewal = Math.max(sinceRenewal, grant.nanosSinceConfirmed());
		}
		return new RenewalStatus(this.lease, held, Duration.ofNanos(Math.max(0, -this.nextLook.remainingNanos())),
				Duration.ofNanos(asking), Duration.ofNanos(failing), Duration.ofNanos(sinceRenewal));
	}

	// Returns false if this batch has ended; another is to be asked then.
	boolean add(EngineGrant grant) {
		this.grants.put(grant.id(), grant);
		if (this.ended) {
			this.grants.remove(grant.id());
			return false;
		}
		return true;
	}

	Map<Hold, EngineGrant> grants() {
		return this.grants;
	}

	/**
	 * A late answer, or a grant that others have had before: the next look may be too
	 * late for it.
	 */
	void lookInTime(EngineGrant grant) {
		long left = grant.remainingNanos();
		this.keeper.threads().atDeadline(this::look, 0);
		this.keeper.threads().atDeadline(this::look, left / 2);
		this.keeper.threads().atDeadline(this::look, left);
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
				this.keeper.threads().atDeadline(this::tick, pause);
			}
		}
	}

	private boolean end() {
		this.ended = this.grants.isEmpty();
		// A grant may have come after the look and before the flag.
		this.ended = this.ended && this.grants.isEmpty();
		if (this.ended) {
			this.keeper.batches().remove(this.lease, this);
		}
		return this.ended;
	}

	/**
	 * Finds what is lost, starts to renew what is due, and returns how long none of the
	 * leases ends. What the store had no answer for is asked for apart, so that nothing
	 * else waits for it.
	 */
	private long look() {
		long untilFirstDeadline = Long.MAX_VALUE;
		List<EngineGrant> due = new ArrayList<>();
		List<EngineGrant> dueInDoubt = new ArrayList<>();
		for (EngineGrant grant : this.grants.values()) {
			try {
				untilFirstDeadline = Math.min(untilFirstDeadline, look(grant, grant.isDoubtful() ? dueInDoubt : due));
			}
			catch (Throwable ex) {
				// Whatever is wrong with one, the others must still be kept.
				this.keeper.log().error("Looking at " + grant.id() + " failed", ex);
			}
		}
		renew(due, false);
		// A driver may have one answer for all that it is asked for: so those for which
		// there was none are asked for in parts, until whatever is at fault is alone.
		int part = (dueInDoubt.size() + DOUBTFUL_PARTS - 1) / DOUBTFUL_PARTS;
		for (int i = 0; i < dueInDoubt.size(); i += part) {
			renew(new ArrayList<>(dueInDoubt.subList(i, Math.min(i + part, dueInDoubt.size()))), true);
		}
		// What was in doubt may have been lost meanwhile.
		endFailingUnlessInDoubt();
		return Math.max(0, untilFirstDeadline);
	}

	private static long look(EngineGrant grant, List<EngineGrant> due) {
		EngineHold hold = grant.holder();
		if (hold == null || !hold.isHeld()) {
			return Long.MAX_VALUE;
		}
		if (hold.isAbandoned()) {
			hold.lose("its thread '" + hold.threadName() + "' has ended without having unlocked it");
			return Long.MAX_VALUE;
		}
		long remaining = grant.remainingNanos();
		if (grant.isDue(remaining)) {
			due.add(grant);
		}
		return remaining;
	}

	private void renew(List<EngineGrant> due, boolean isInDoubt) {
		if (!due.isEmpty()) {
			RenewalRequest request = new RenewalRequest(due, this.lease, this.keeper.store(), this);
			this.underWay.add(request);
			this.keeper.threads().renew(request, isInDoubt);
		}
	}

	void isOver(RenewalRequest request) {
		this.underWay.remove(request);
	}

	void endFailingUnlessInDoubt() {
		if (this.failingSinceNanoTime != 0 && this.grants.values().stream().noneMatch(EngineGrant::isDoubtful)) {
			this.failingSinceNanoTime = 0;
		}
	}

	void failed(int count, @Nullable Throwable reason) {
		String message = "Renewing " + count + " lock(s) with a lease of " + this.lease
				+ " failed; trying on until the lease ends" + ((reason != null) ? "" : ". The driver has not said why");
		if (this.failingSinceNanoTime != 0) {
			this.keeper.log().debug(message, reason);
		}
		else {
			this.failingSinceNanoTime = System.nanoTime() | 1;
			this.keeper.log().warn(message, reason);
		}
		// One at a time, or each would bring about more of them.
		if (this.retrying.compareAndSet(false, true)) {
			this.keeper.threads().atDeadline(() -> {
				this.retrying.set(false);
				look();
			}, this.lease.toNanos() / 12);
		}
	}

}
