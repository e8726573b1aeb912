package org.dragonflow.lock.etcd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.Renewal;

/**
 * Renews holds: one keep-alive for all that live by the same lease. The watch tells which
 * of them have gone, or are asked for. So they are read only where it may have missed
 * that, or where it is not sure that the lease was renewed by the one leader of etcd.
 */
final class Renewals {

	private final LockQueue line;

	private final Places places;

	private final StandingWatch watch;

	Renewals(LockQueue line, Places places, StandingWatch watch) {
		this.line = line;
		this.places = places;
		this.watch = watch;
	}

	/**
	 * As a driver promises it.
	 */
	Renewal renew(Collection<Hold> holds) {
		Map<Session, List<Place>> bySession = new HashMap<>();
		for (Hold hold : holds) {
			Place place = this.places.find(hold);
			if (place != null && place.isHeld()) {
				bySession.computeIfAbsent(place.session(), (session) -> new ArrayList<>()).add(place);
			}
		}
		Set<Hold> lost = new HashSet<>(holds);
		Map<Hold, Deadline> renewed = new HashMap<>();
		Set<Hold> revoked = new HashSet<>();
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		bySession.forEach((session, held) -> {
			renew(session, held, unknown);
			for (Place place : held) {
				Hold hold = place.hold();
				if (unknown.containsKey(hold)) {
					lost.remove(hold);
					continue;
				}
				place.keep();
				// Gone is what the look has not found, and what the watch has told of.
				if (!session.isOver() && this.places.find(hold) == place) {
					lost.remove(hold);
					renewed.put(hold, session.validUntil());
					if (place.isAskedFor()) {
						revoked.add(hold);
					}
				}
			}
		});
		if (!unknown.isEmpty() && unknown.size() == holds.size()) {
			throw unknown.values().iterator().next();
		}
		return new Renewal(renewed, lost, unknown, revoked);
	}

	/**
	 * Renews those of one session.
	 * @param unknown receives those of which nothing is known
	 */
	private void renew(Session session, List<Place> held, Map<Hold, LockStoreException> unknown) {
		try {
			this.places.sessions().renew(session);
			look(session, held, unknown);
			this.places.sessions().confirm(session);
		}
		catch (LockStoreException ex) {
			held.forEach((place) -> unknown.put(place.hold(), ex));
		}
	}

	private void look(Session session, List<Place> held, Map<Hold, LockStoreException> unknown) {
		// Before the look: what happens from then on is told.
		Object stand = this.watch.begin();
		boolean doubtful = session.takeDoubt();
		List<Place> unsure = held.stream()
			.filter((place) -> doubtful || !this.watch.isStill(place.watchedBy()))
			.toList();
		Parts parts = new Parts();
		for (int i = 0; i < unsure.size() && !session.isOver(); i += LockQueue.READ_CHUNK) {
			List<Place> chunk = unsure.subList(i, Math.min(i + LockQueue.READ_CHUNK, unsure.size()));
			boolean known = parts.ask(chunk.stream().map(Place::hold).toList(), () -> {
				LockQueue.Check check = this.line.check(chunk);
				chunk.forEach((place) -> place.watchedBy(stand));
				check.revoked().forEach(Place::askFor);
				check.lost().forEach(this.places::forget);
			});
			if (!known && doubtful) {
				session.doubt();
			}
		}
		unknown.putAll(parts.failures());
	}

}
