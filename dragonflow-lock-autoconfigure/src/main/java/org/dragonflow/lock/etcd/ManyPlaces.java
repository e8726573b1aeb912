package org.dragonflow.lock.etcd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.jspecify.annotations.Nullable;

/**
 * Takes and releases many locks, as many by one transaction as etcd allows.
 */
final class ManyPlaces {

	private final EtcdKeys keys;

	private final LockQueue line;

	private final Places places;

	private final StandingWatch watch;

	ManyPlaces(EtcdKeys keys, LockQueue line, Places places, StandingWatch watch) {
		this.keys = keys;
		this.line = line;
		this.places = places;
		this.watch = watch;
	}

	/**
	 * Takes those locks that are free.
	 */
	List<@Nullable Grant> take(List<LockAttempt> attempts) {
		Object stand = this.watch.begin();
		try {
			return takeFree(this.places.claimAll(attempts), stand);
		}
		catch (LockStoreException ex) {
			if (!EtcdErrors.isLeaseGone(ex)) {
				throw ex;
			}
			// The session had ended unnoticed, and with it all that was entered.
			return takeFree(this.places.claimAll(attempts), stand);
		}
	}

	private List<@Nullable Grant> takeFree(List<Place> claimed, @Nullable Object stand) {
		List<Place> refused = new ArrayList<>();
		Map<Place, Grant> granted = new HashMap<>();
		Parts parts = new Parts();
		for (List<Place> chunk : chunks(claimed)) {
			if (!parts.ask(holds(chunk), () -> enter(chunk, stand, granted, refused))) {
				chunk.forEach(this.places::abandon);
			}
		}
		LockStoreException end = parts.endOfSession();
		if (end != null) {
			for (Place place : claimed) {
				this.places.sessions().lose(place.session());
				this.places.abandon(place);
			}
			throw end;
		}
		remove(refused, parts);
		List<@Nullable Grant> grants = new ArrayList<>();
		claimed.forEach((place) -> grants.add(granted.get(place)));
		return PartialAnswerException.unlessUnknown(grants, parts.unknown());
	}

	private void enter(List<Place> chunk, @Nullable Object stand, Map<Place, Grant> granted, List<Place> refused) {
		List<Long> revisions = this.line.enterAll(chunk);
		Map<Place, Grant> first = new HashMap<>();
		for (int i = 0; i < chunk.size(); i++) {
			Place place = chunk.get(i);
			place.stands(revisions.get(i));
			place.watchedBy(stand);
			Grant grant = (place.revision() != 0) ? this.places.hold(place) : null;
			if (grant != null) {
				first.put(place, grant);
			}
		}
		granted.putAll(first);
		refused.addAll(chunk.stream().filter((place) -> !first.containsKey(place)).toList());
	}

	/**
	 * Releases.
	 */
	Set<Hold> release(Collection<Hold> holds) {
		Parts parts = new Parts();
		List<Place> ours = new ArrayList<>();
		Set<Hold> released = new HashSet<>();
		for (Hold hold : holds) {
			Place place = this.places.find(hold);
			if (place != null) {
				ours.add(place);
			}
			else {
				parts.ask(Set.of(hold), () -> {
					// Not of this driver, or not known to be: the owner in the key tells.
					if (this.line.leave(this.keys.key(hold), 0)) {
						released.add(hold);
					}
				});
			}
		}
		released.addAll(remove(ours, parts));
		return PartialAnswerException.unlessUnknown(released, parts.unknown());
	}

	private Set<Hold> remove(List<Place> ours, Parts parts) {
		ours.forEach(this.places::takeOut);
		Set<Hold> removed = new HashSet<>();
		for (List<Place> chunk : chunks(ours)) {
			boolean known = parts.ask(holds(chunk), () -> {
				boolean all = this.line.leaveAll(chunk);
				// Where one of them at least is no longer ours: one by one.
				removed.addAll(holds(chunk.stream()
					.filter((place) -> all || this.line.leave(place.key(), place.revision()))
					.toList()));
			});
			chunk.forEach(known ? this.places::left : this.places::abandon);
		}
		return removed;
	}

	private static List<List<Place>> chunks(List<Place> places) {
		List<List<Place>> chunks = new ArrayList<>();
		for (int i = 0; i < places.size(); i += LockQueue.CHUNK) {
			chunks.add(places.subList(i, Math.min(i + LockQueue.CHUNK, places.size())));
		}
		return chunks;
	}

	private static List<Hold> holds(List<Place> places) {
		return places.stream().map(Place::hold).toList();
	}

}
