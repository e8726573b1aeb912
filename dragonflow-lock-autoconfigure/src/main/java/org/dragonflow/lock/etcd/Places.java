package org.dragonflow.lock.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * The places of this client in all lines: knows which keys are to be there, keeps them
 * alive, and tells when one has gone.
 */
final class Places {

	private static final Log logger = LogFactory.getLog(Places.class);

	private final EtcdKeys keys;

	private final LockQueue line;

	private final Turns turns;

	private final Sessions sessions;

	private final Map<String, Place> byKey = new ConcurrentHashMap<>();

	private volatile Consumer<Hold> onLoss = (hold) -> {
	};

	private volatile Consumer<Hold> onRevocation = (hold) -> {
	};

	private volatile boolean closed;

	Places(EtcdCalls calls, EtcdKeys keys, LockQueue line, Turns turns, ScheduledExecutorService timer) {
		this.keys = keys;
		this.line = line;
		this.turns = turns;
		this.sessions = new Sessions(calls, timer, this::lost, this::check);
	}

	void onLoss(Consumer<Hold> listener) {
		this.onLoss = listener;
	}

	void onRevocation(Consumer<Hold> listener) {
		this.onRevocation = listener;
	}

	Sessions sessions() {
		return this.sessions;
	}

	@Nullable Place find(Hold hold) {
		return this.byKey.get(this.keys.key(hold));
	}

	/**
	 * Makes a place for an attempt, before its key is sent.
	 * @throws LockStoreException if there is no session for it, and none can be had
	 */
	Place claim(LockAttempt attempt) {
		checkOpen();
		Hold hold = attempt.hold();
		String key = this.keys.key(hold);
		Session session = this.sessions.claim(attempt.lease(), key);
		Place earlier = this.byKey.get(key);
		// The same attempt once more, for another lease: the key is taken over.
		Session takenOver = (earlier != null && earlier.session() != session) ? earlier.session() : null;
		Place place = new Place(hold, this.keys.queue(attempt.key()), key, session, takenOver);
		this.byKey.put(key, place);
		return place;
	}

	List<Place> claimAll(List<LockAttempt> attempts) {
		List<Place> claimed = new ArrayList<>();
		try {
			for (LockAttempt attempt : attempts) {
				claimed.add(claim(attempt));
			}
			return claimed;
		}
		catch (LockStoreException ex) {
			claimed.forEach(this::forget);
			throw ex;
		}
	}

	/**
	 * The place is the first of its line.
	 * @return null if it has gone meanwhile
	 */
	@Nullable Grant hold(Place place) {
		// The last renewal counts only if no other leader has come since.
		this.sessions.confirm(place.session());
		place.becomesHeld();
		// From here on a deletion is told as a loss; one that came before is none.
		if (place.isGone()) {
			forget(place);
		}
		// If the lease has ended meanwhile, so has the place.
		return (this.byKey.get(place.key()) == place) ? new Grant(place.revision(), place.session().validUntil())
				: null;
	}

	/**
	 * Takes a place out, before its key is deleted, so that this is not taken for a loss.
	 * @return false if it was taken out before, because its key has gone
	 */
	boolean takeOut(Place place) {
		return this.byKey.remove(place.key(), place);
	}

	/**
	 * To be called when the key of a place that was taken out has gone from etcd.
	 */
	void left(Place place) {
		this.sessions.forget(place.session(), place.key());
	}

	/**
	 * To be called when it is not known whether the key of a place has gone.
	 */
	void abandon(Place place) {
		takeOut(place);
		this.sessions.abandon(place.session(), place.key());
	}

	/**
	 * Forgets a place whose key is not in etcd.
	 */
	void forget(Place place) {
		if (takeOut(place)) {
			left(place);
		}
	}

	/**
	 * Removes the key of an attempt that was in vain. Its caller need not know of a
	 * failure: the key goes with its lease, which is given up then.
	 */
	void giveUp(Place place) {
		if (!takeOut(place)) {
			return;
		}
		try {
			this.line.leave(place.key(), place.revision());
			left(place);
		}
		catch (LockStoreException ex) {
			abandon(place);
		}
	}

	/**
	 * Told of each key that has gone from etcd.
	 */
	void deleted(String key, long revision) {
		String askedFor = this.keys.askedFor(key);
		if (askedFor != null) {
			askedFor(askedFor);
			return;
		}
		Place place = this.byKey.get(key);
		// An event may be late, and tell of what had the same key before.
		if (place != null && revision > place.revision()) {
			place.goesAt(revision);
			if (!place.isHeld()) {
				this.turns.wake(place.queue());
			}
			else if (place.revision() != 0) {
				lost(key);
				left(place);
			}
		}
		this.turns.deleted(this.keys.queueOf(key), key);
	}

	private void askedFor(String key) {
		Place place = this.byKey.get(key);
		if (place != null) {
			// Where it does not know yet that it holds, its renewals tell.
			place.askFor();
			if (place.isHeld()) {
				this.onRevocation.accept(place.hold());
			}
		}
	}

	/**
	 * Ends a hold that was not renewed in time: it has no lease of its own that would.
	 */
	private void check(String key) {
		Place place = this.byKey.get(key);
		if (place == null || !place.isOverdue() || !takeOut(place)) {
			return;
		}
		this.onLoss.accept(place.hold());
		this.line.leaveLater(key, place.revision()).whenComplete((response, ex) -> {
			if (ex != null) {
				abandon(place);
			}
			else {
				left(place);
			}
		});
	}

	private void lost(String key) {
		Place place = this.byKey.remove(key);
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

	boolean isClosed() {
		return this.closed;
	}

	void checkOpen() {
		if (this.closed) {
			throw LockStoreException.unreachable("The lock driver has been closed", null);
		}
	}

	/**
	 * Ends waiting attempts, and removes their keys. Those of holds are left.
	 */
	void close() {
		this.closed = true;
		this.turns.wakeAll();
		List<Place> waiting = this.byKey.values().stream().filter((place) -> !place.isHeld()).toList();
		this.sessions.close((key) -> {
			Place place = this.byKey.get(key);
			return place != null && place.isHeld();
		});
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

}
