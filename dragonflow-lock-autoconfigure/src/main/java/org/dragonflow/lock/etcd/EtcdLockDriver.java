package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.KeyValue;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Keeps locks in etcd. The keys of a lock stand in line, the first one holds it, and each
 * waiter looks again when the key before its own has gone. All keys of one lease duration
 * live as long as one lease of etcd, which this driver keeps alive.
 */
public final class EtcdLockDriver implements LockDriver {

	private static final Log logger = LogFactory.getLog(EtcdLockDriver.class);

	private final Client client;

	private final boolean closesClient;

	private final EtcdCalls calls;

	private final EtcdKeys keys;

	private final LockQueue line;

	private final Sightings sightings = new Sightings();

	private final Map<String, Place> places = new ConcurrentHashMap<>();

	private final Turns turns = new Turns();

	private final ScheduledThreadPoolExecutor timer;

	private final Sessions sessions;

	private final StandingWatch watch;

	private volatile Consumer<Hold> onLoss = (hold) -> {
	};

	private volatile boolean closed;

	private EtcdLockDriver(Client client, boolean closesClient, EtcdLockSettings settings) {
		this.client = client;
		this.closesClient = closesClient;
		this.calls = new EtcdCalls(client, settings.timeout());
		this.keys = new EtcdKeys(settings.keyPrefix());
		this.line = new LockQueue(this.calls);
		// Nothing that it does waits for etcd.
		this.timer = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "dragonflow-lock-etcd");
			thread.setDaemon(true);
			return thread;
		});
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.sessions = new Sessions(this.calls, this.timer, this::lost, this::check);
		this.watch = new StandingWatch(this.calls, this.keys.prefix(), this.timer, this::deleted, this.turns::wakeAll);
	}

	/**
	 * A driver that shares a client with its application.
	 * @param client a client of etcd; not closed with the driver. It should not wait for
	 * a connection ({@code waitForReady(false)}), or an etcd that is down is told as one
	 * that does not answer.
	 * @param settings the settings
	 * @return the driver
	 */
	public static EtcdLockDriver with(Client client, EtcdLockSettings settings) {
		return new EtcdLockDriver(client, false, settings);
	}

	/**
	 * A driver with a client of its own, which is closed with the driver.
	 * @param client where etcd is, and who asks. How the client connects and tries again
	 * is set here, so that no call takes longer than the settings' timeout.
	 * @param settings the settings
	 * @return the driver
	 */
	public static EtcdLockDriver owning(ClientBuilder client, EtcdLockSettings settings) {
		Duration timeout = settings.timeout();
		Client own = client.copy()
			// A server that is down is told at once, rather than waited for.
			.waitForReady(false)
			.connectTimeout(timeout)
			// etcd takes pings each five seconds at most.
			.keepaliveTime(Duration.ofSeconds(10))
			.keepaliveTimeout(timeout)
			.retryDelay(50)
			.retryMaxDelay(500)
			.retryMaxAttempts(2)
			.build();
		return new EtcdLockDriver(own, true, settings);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.onLoss = listener;
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		String queue = this.keys.queue(attempt.key());
		// There before the key is: it misses no deletion of the key before.
		Turn turn = this.turns.begin(queue);
		try {
			while (true) {
				Place place = claim(attempt);
				Grant grant = tryTurn(place, turn, attempt.waitUntil());
				if (grant != null || this.places.remove(place.key(), place)) {
					return (grant != null) ? grant : giveUp(place);
				}
				// The key has gone: its lease has ended, or somebody has removed it. So a
				// new one is put at the end of the line.
			}
		}
		finally {
			this.turns.end(queue, turn);
		}
	}

	private @Nullable Grant tryTurn(Place place, Turn turn, Deadline waitUntil) throws InterruptedException {
		try {
			return takeTurn(place, turn, waitUntil);
		}
		catch (InterruptedException ex) {
			if (this.places.remove(place.key(), place)) {
				giveUp(place);
			}
			throw ex;
		}
		catch (LockStoreException ex) {
			// Of a driver that is closed, all keys are removed together.
			if (!this.closed && this.places.remove(place.key(), place)) {
				this.sessions.abandon(place.session(), place.key());
			}
			throw ex;
		}
	}

	/**
	 * Waits until a key is the first of its line.
	 * @return null if the wait has ended; or if the key has gone, and its place with it
	 */
	private @Nullable Grant takeTurn(Place place, Turn turn, Deadline waitUntil) throws InterruptedException {
		turn.look();
		Object stand = this.watch.begin();
		LockQueue.Position position = enter(place);
		while (position != null) {
			checkOpen();
			place.stands(position.revision());
			String before = position.before();
			if (before == null) {
				return hold(place);
			}
			if (waitUntil.hasPassed()) {
				return null;
			}
			if (!this.watch.isStill(stand)) {
				// The line was read while no watch stood: it is read again when one does.
				turn.look();
				stand = this.watch.await(waitUntil);
			}
			else {
				// The holder is not trusted to be alive, nor the watch to tell.
				Deadline lookAgain = Deadline.in(position.beforeLasts().plusSeconds(1));
				turn.await(before, Math.max(0, lookAgain.orEarlier(waitUntil).remainingNanos()));
				turn.look();
			}
			checkOpen();
			if (waitUntil.hasPassed()) {
				return null;
			}
			// Not before the own key was read again is anything granted.
			position = this.line.find(place.queue(), place.key(), place.revision());
		}
		forget(place);
		return null;
	}

	private LockQueue.@Nullable Position enter(Place place) {
		try {
			LockQueue.Position position = this.line.enter(place.queue(), place.key(), place.session());
			place.takenOver().ifPresent((earlier) -> this.sessions.forget(earlier, place.key()));
			return position;
		}
		catch (LockStoreException ex) {
			if (!EtcdErrors.isLeaseGone(ex)) {
				throw ex;
			}
			this.sessions.lose(place.session());
			return null;
		}
	}

	private @Nullable Grant hold(Place place) {
		// The last renewal counts only if no other leader has come since.
		this.sessions.confirm(place.session());
		place.becomesHeld();
		// If the lease has ended meanwhile, so has the place.
		return (this.places.get(place.key()) == place) ? new Grant(place.revision(), place.session().validUntil())
				: null;
	}

	private Place claim(LockAttempt attempt) {
		checkOpen();
		Hold hold = attempt.hold();
		String key = this.keys.key(hold);
		Session session = this.sessions.claim(attempt.lease(), key);
		Place earlier = this.places.get(key);
		// The same attempt once more, for another lease: the key is taken over.
		Session takenOver = (earlier != null && earlier.session() != session) ? earlier.session() : null;
		Place place = new Place(hold, this.keys.queue(attempt.key()), key, session, takenOver);
		this.places.put(key, place);
		return place;
	}

	/**
	 * Removes a key that does not hold, and its place in the line.
	 */
	private @Nullable Grant giveUp(Place place) {
		try {
			this.line.leave(place.key(), place.revision());
			this.sessions.forget(place.session(), place.key());
		}
		catch (LockStoreException ex) {
			// The caller need not know: the key goes with its lease, which is given up.
			this.sessions.abandon(place.session(), place.key());
		}
		return null;
	}

	private void forget(Place place) {
		if (this.places.remove(place.key(), place)) {
			this.sessions.forget(place.session(), place.key());
		}
	}

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		this.watch.begin();
		try {
			return takeFree(attempts.stream().map(this::claim).toList());
		}
		catch (LockStoreException ex) {
			if (!EtcdErrors.isLeaseGone(ex)) {
				throw ex;
			}
			// The session had ended unnoticed, and with it all that was entered.
			return takeFree(attempts.stream().map(this::claim).toList());
		}
	}

	private List<@Nullable Grant> takeFree(List<Place> claimed) {
		List<Place> refused = new ArrayList<>();
		List<@Nullable Grant> grants = new ArrayList<>();
		try {
			for (int i = 0; i < claimed.size(); i += LockQueue.CHUNK) {
				List<Place> chunk = claimed.subList(i, Math.min(i + LockQueue.CHUNK, claimed.size()));
				List<Long> revisions = this.line.enterAll(chunk);
				for (int j = 0; j < chunk.size(); j++) {
					Place place = chunk.get(j);
					place.stands(revisions.get(j));
					Grant grant = (place.revision() != 0) ? hold(place) : null;
					grants.add(grant);
					if (grant == null) {
						refused.add(place);
					}
				}
			}
			remove(refused);
			return grants;
		}
		catch (LockStoreException ex) {
			for (Place place : claimed) {
				this.places.remove(place.key(), place);
				if (EtcdErrors.isLeaseGone(ex)) {
					this.sessions.lose(place.session());
				}
				this.sessions.abandon(place.session(), place.key());
			}
			throw ex;
		}
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Set<Hold> lost = new HashSet<>(holds);
		Map<Session, List<Place>> bySession = new HashMap<>();
		for (Hold hold : holds) {
			Place place = this.places.get(this.keys.key(hold));
			if (place != null && place.isHeld()) {
				bySession.computeIfAbsent(place.session(), (session) -> new ArrayList<>()).add(place);
			}
		}
		Deadline validUntil = Deadline.NEVER;
		for (Map.Entry<Session, List<Place>> entry : bySession.entrySet()) {
			Session session = entry.getKey();
			this.sessions.renew(session);
			for (int i = 0; i < entry.getValue().size() && !session.isOver(); i += LockQueue.READ_CHUNK) {
				List<Place> chunk = entry.getValue()
					.subList(i, Math.min(i + LockQueue.READ_CHUNK, entry.getValue().size()));
				chunk.forEach((place) -> lost.remove(place.hold()));
				for (Place place : this.line.findLost(chunk)) {
					lost.add(place.hold());
					forget(place);
				}
			}
			this.sessions.confirm(session);
			entry.getValue().forEach(Place::keep);
			validUntil = validUntil.orEarlier(session.validUntil());
			if (session.isOver()) {
				entry.getValue().forEach((place) -> lost.add(place.hold()));
			}
		}
		return new Renewal(validUntil, lost);
	}

	@Override
	public boolean release(Hold hold) {
		String key = this.keys.key(hold);
		// First, so that its deletion is not taken for a loss.
		Place place = this.places.remove(key);
		try {
			boolean released = this.line.leave(key, (place != null) ? place.revision() : 0);
			if (place != null) {
				this.sessions.forget(place.session(), key);
			}
			return released;
		}
		catch (LockStoreException ex) {
			if (place != null) {
				this.sessions.abandon(place.session(), key);
			}
			throw ex;
		}
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		Set<Hold> released = new HashSet<>();
		List<Place> ours = new ArrayList<>();
		for (Hold hold : holds) {
			Place place = this.places.get(this.keys.key(hold));
			if (place != null) {
				ours.add(place);
			}
			else if (release(hold)) {
				released.add(hold);
			}
		}
		released.addAll(remove(ours));
		return released;
	}

	private Set<Hold> remove(List<Place> ours) {
		Set<Hold> removed = new HashSet<>();
		for (int i = 0; i < ours.size(); i += LockQueue.CHUNK) {
			List<Place> chunk = ours.subList(i, Math.min(i + LockQueue.CHUNK, ours.size()));
			chunk.forEach((place) -> this.places.remove(place.key(), place));
			try {
				if (this.line.leaveAll(chunk)) {
					for (Place place : chunk) {
						this.sessions.forget(place.session(), place.key());
						removed.add(place.hold());
					}
					continue;
				}
			}
			catch (LockStoreException ex) {
				ours.forEach((place) -> this.sessions.abandon(place.session(), place.key()));
				throw ex;
			}
			// One of them at least is no longer ours: one by one, then.
			for (Place place : chunk) {
				this.places.putIfAbsent(place.key(), place);
				if (release(place.hold())) {
					removed.add(place.hold());
				}
			}
		}
		return removed;
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		String action = "look at " + key;
		KeyValue first = this.line.first(this.keys.queue(key), action);
		if (first == null) {
			return null;
		}
		long remaining = this.calls.await(action, this.calls.lookAtLease(first.getLease(), false)).getTTL();
		if (remaining < 0) {
			return null;
		}
		Hold hold = new Hold(key, this.keys.owner(key, EtcdKeys.text(first.getKey())));
		return new LockRecord(hold, first.getCreateRevision(), this.sightings.age(first.getCreateRevision()),
				Duration.ofSeconds(remaining));
	}

	@Override
	public void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		this.watch.close();
		this.turns.wakeAll();
		List<Place> waiting = this.places.values().stream().filter((place) -> !place.isHeld()).toList();
		this.sessions.close((key) -> {
			Place place = this.places.get(key);
			return place != null && place.isHeld();
		});
		leaveQuietly(waiting);
		this.timer.shutdownNow();
		if (this.closesClient) {
			this.client.close();
		}
	}

	private void leaveQuietly(List<Place> waiting) {
		try {
			for (Place place : waiting) {
				if (!place.session().isOver()) {
					this.line.leave(place.key(), place.revision());
				}
			}
		}
		catch (LockStoreException ex) {
			logger.debug("What waited ends with its lease, which nobody keeps alive any more", ex);
		}
	}

	/**
	 * A key has gone from etcd.
	 */
	private void deleted(String key, long revision) {
		Place place = this.places.get(key);
		// An event may be late, and tell of what had the same key before.
		if (place != null && revision > place.revision()) {
			if (!place.isHeld()) {
				this.turns.wake(place.queue());
			}
			else if (place.revision() != 0) {
				lost(key);
				this.sessions.forget(place.session(), key);
			}
		}
		this.turns.deleted(this.keys.queueOf(key), key);
	}

	/**
	 * Ends a hold that was not renewed in time: it has no lease of its own that would.
	 */
	private void check(String key) {
		Place place = this.places.get(key);
		if (place == null || !place.isOverdue() || !this.places.remove(key, place)) {
			return;
		}
		this.onLoss.accept(place.hold());
		this.line.leaveLater(key, place.revision()).whenComplete((response, ex) -> {
			if (ex != null) {
				this.sessions.abandon(place.session(), key);
			}
			else {
				this.sessions.forget(place.session(), key);
			}
		});
	}

	private void lost(String key) {
		Place place = this.places.remove(key);
		if (place == null) {
			return;
		}
		if (place.isHeld()) {
			this.onLoss.accept(place.hold());
		}
		else {
			this.turns.wake(place.queue());
		}
	}

	private void checkOpen() {
		if (this.closed) {
			throw LockStoreException.unreachable("The lock driver has been closed", null);
		}
	}

}
