package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockThreads;

/**
 * The sessions of this client: one for each lease duration that is in use. Keeps their
 * leases alive, and tells which keys are lost when one has ended all the same.
 */
final class Sessions {

	private static final Log logger = LogFactory.getLog(Sessions.class);

	// etcd refuses longer ones.
	private static final long MAX_SECONDS = 9_000_000_000L;

	private static final long SHORTEST_TICK_MILLIS = 50;

	private static final Duration SHORTEST_PATIENCE = Duration.ofMillis(250);

	private static final int RENEWAL_TRIES = 3;

	private final EtcdCalls calls;

	private final Leftovers leftovers;

	private final ScheduledExecutorService timer;

	private final Consumer<String> onLost;

	private final Consumer<String> onTick;

	private final Map<Long, CompletableFuture<Session>> current = new ConcurrentHashMap<>();

	private final Map<Session, ScheduledFuture<?>> all = new ConcurrentHashMap<>();

	private final Set<CompletableFuture<?>> endings = ConcurrentHashMap.newKeySet();

	/**
	 * No sessions yet.
	 * @param calls where they are
	 * @param timer for what is done regularly
	 * @param onLost takes a key whose lease has ended
	 * @param onTick takes each key now and then, several times in a lease
	 */
	Sessions(EtcdCalls calls, ScheduledExecutorService timer, Consumer<String> onLost, Consumer<String> onTick) {
		this.calls = calls;
		this.leftovers = new Leftovers(calls);
		this.timer = timer;
		this.onLost = onLost;
		this.onTick = onTick;
	}

	/**
	 * The session that keeps keys for a lease, which the key belongs to from now on.
	 * @throws LockStoreException if there is none yet, and none can be had
	 */
	Session claim(Duration lease, String key) {
		long seconds = Math.min(MAX_SECONDS, lease.plusSeconds(1).minusNanos(1).toSeconds());
		while (true) {
			CompletableFuture<Session> future = this.current.computeIfAbsent(seconds, this::open);
			try {
				Session session = this.calls.await("begin a session of " + seconds + " s", future);
				if (session.claim(key)) {
					return session;
				}
				this.current.remove(seconds, future);
			}
			catch (LockStoreException ex) {
				this.current.remove(seconds, future);
				// It may still come, and nobody is to use it then.
				future.thenAccept(this::retire);
				throw ex;
			}
		}
	}

	private CompletableFuture<Session> open(long seconds) {
		long sent = System.nanoTime();
		return this.calls.grantLease(seconds).thenApply((response) -> {
			Session session = new Session(response.getID(), Duration.ofSeconds(response.getTTL()), sent,
					response.getHeader().getRaftTerm());
			long pause = Math.max(SHORTEST_TICK_MILLIS, session.duration().toMillis() / 12);
			this.all.put(session,
					this.timer.scheduleWithFixedDelay(() -> tick(session), pause, pause, TimeUnit.MILLISECONDS));
			return session;
		});
	}

	/**
	 * Renews the lease of a session. Where a member of etcd does not answer, another is
	 * asked, as the client goes from one to the next.
	 * @throws LockStoreException if none has answered
	 */
	void renew(Session session) {
		Deadline deadline = Deadline.in(this.calls.timeout());
		for (int attempt = 1; !session.isOver(); attempt++) {
			try {
				this.calls.await("renew a lease", keepAlive(session), patience(session));
				if (attempt > 1) {
					// The leader was silent: there may be another since.
					session.doubt();
				}
				return;
			}
			catch (LockStoreException ex) {
				if (!session.isOver() && (attempt == RENEWAL_TRIES || deadline.hasPassed() || ex.isRefused())) {
					throw ex;
				}
			}
		}
	}

	/**
	 * Makes sure that the last renewal holds: one that a leader has answered which was no
	 * longer the leader is unknown to the one that is. To be asked after an answer that a
	 * majority of etcd stands for, such as a transaction's, as that tells of a new
	 * leader.
	 */
	void confirm(Session session) {
		while (session.term() < this.calls.highestTerm() && !session.isOver()) {
			renew(session);
		}
	}

	/**
	 * Lets a key go that is no longer in etcd.
	 */
	void forget(Session session, String key) {
		session.forget(key);
		if (session.isRetired()) {
			this.timer.execute(() -> tick(session));
		}
	}

	/**
	 * Lets a key go of which nobody knows whether it is in etcd, or will be: a request
	 * that was not answered may still be carried out at any time. With its lease the key
	 * is bound to go. So the lease is not used for anything new, and ended when the last
	 * of its other keys has gone.
	 */
	void abandon(Session session, String key) {
		retire(session);
		forget(session, key);
	}

	private void retire(Session session) {
		session.retire();
		this.current.values()
			.removeIf((future) -> future.isDone() && !future.isCompletedExceptionally() && future.join() == session);
	}

	/**
	 * Ends those sessions that keep no key for which the test is true. The others end
	 * with their leases.
	 */
	void close(Predicate<String> isHeld) {
		this.current.clear();
		for (Session session : this.all.keySet()) {
			if (session.keys().stream().noneMatch(isHeld)) {
				session.end();
				revoke(session);
			}
		}
		try {
			// Also those that have been ended just before.
			this.calls.await("end the sessions",
					CompletableFuture.allOf(this.endings.toArray(CompletableFuture[]::new)));
		}
		catch (LockStoreException ex) {
			logger.debug("The sessions end with their leases", ex);
		}
	}

	private void tick(Session session) {
		// Without its ticks, the session would end in the midst of a hold.
		LockThreads.step(() -> lookAfter(session),
				(ex) -> logger.warn("Could not look after a session; trying on", ex));
	}

	private void lookAfter(Session session) {
		if (session.isOver()) {
			stop(session);
		}
		else if (session.validUntil().hasPassed()) {
			// By the local clock. Where etcd still has it, others need not wait.
			lose(session);
			revoke(session);
		}
		else if (session.hasKeys() || (!session.isRetired() && !session.isIdle())) {
			keep(session);
		}
		else {
			end(session);
		}
	}

	private void keep(Session session) {
		session.keys().forEach(this.onTick);
		// Renewals of holds come every third of the lease, and make this one needless.
		// Unless a former leader has answered to the last one, and another has come
		// since.
		if (session.nanosSinceRenewal() > session.duration().toNanos() / 12 * 5
				|| session.term() < this.calls.highestTerm()) {
			keepAlive(session).exceptionally((ex) -> {
				logger.debug("Could not renew a lease; trying on until it ends", ex);
				return null;
			});
		}
		if (session.isRetired()) {
			this.leftovers.sweep(session);
		}
	}

	private CompletableFuture<?> keepAlive(Session session) {
		long sent = System.nanoTime();
		return this.calls.keepAlive(session.lease()).handle((response, ex) -> {
			if (ex == null) {
				session.renewed(sent, response.getHeader().getRaftTerm());
				return null;
			}
			if (EtcdErrors.isLeaseGone(ex)) {
				lose(session);
			}
			else if (EtcdErrors.isTokenExpired(ex)) {
				// Only such calls make the client get a new one.
				this.calls.lookAtLease(session.lease(), false);
			}
			throw LockStoreException.unreachable("Could not renew a lease", ex);
		});
	}

	/**
	 * The lease has ended: so have all its keys.
	 */
	void lose(Session session) {
		if (session.end()) {
			retire(session);
			stop(session);
			session.keys().forEach(this.onLost);
		}
	}

	private void end(Session session) {
		retire(session);
		// Somebody may have come in the very last moment.
		if (!session.hasKeys() && session.end()) {
			revoke(session);
			stop(session);
		}
	}

	/**
	 * Ends the lease, together with whatever is left of requests that were not answered.
	 */
	private void revoke(Session session) {
		CompletableFuture<?> ending = this.calls.revokeLease(session.lease());
		this.endings.add(ending);
		ending.whenComplete((response, ex) -> {
			this.endings.remove(ending);
			Deadline ended = Deadline.after(System.nanoTime() - session.nanosSinceRenewal(),
					session.duration().multipliedBy(2));
			if (ex != null && !EtcdErrors.isLeaseGone(ex) && !ended.hasPassed() && !this.timer.isShutdown()) {
				this.timer.schedule(() -> revoke(session), SHORTEST_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
			}
		});
	}

	private void stop(Session session) {
		ScheduledFuture<?> ticks = this.all.remove(session);
		if (ticks != null) {
			ticks.cancel(false);
		}
	}

	private Duration patience(Session session) {
		Duration ninth = session.duration().dividedBy(9);
		Duration patience = (ninth.compareTo(SHORTEST_PATIENCE) > 0) ? ninth : SHORTEST_PATIENCE;
		return (patience.compareTo(this.calls.timeout()) < 0) ? patience : this.calls.timeout();
	}

}
