package org.dragonflow.lock.etcd;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;

/**
 * Takes a lock, and waits for its turn where need be.
 */
final class Waiting {

	private final EtcdKeys keys;

	private final LockQueue line;

	private final Turns turns;

	private final Places places;

	private final StandingWatch watch;

	Waiting(EtcdKeys keys, LockQueue line, Turns turns, Places places, StandingWatch watch) {
		this.keys = keys;
		this.line = line;
		this.turns = turns;
		this.places = places;
		this.watch = watch;
	}

	/**
	 * As a driver promises it.
	 */
	@Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		String queue = this.keys.queue(attempt.key());
		// There before the key is: it misses no deletion of the key before.
		Turn turn = this.turns.begin(queue);
		try {
			while (true) {
				Place place = this.places.claim(attempt);
				Grant grant = tryTurn(place, turn, attempt.waitUntil());
				if (grant != null) {
					return grant;
				}
				if (this.places.find(attempt.hold()) == place) {
					this.places.giveUp(place);
					return null;
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
			this.places.giveUp(place);
			throw ex;
		}
		catch (LockStoreException ex) {
			// Of a driver that is closed, all keys are removed together.
			if (!this.places.isClosed()) {
				this.places.abandon(place);
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
			this.places.checkOpen();
			place.stands(position.revision());
			place.watchedBy(stand);
			String before = position.before();
			if (before == null) {
				return this.places.hold(place);
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
			this.places.checkOpen();
			if (waitUntil.hasPassed()) {
				return null;
			}
			// Not before the own key was read again is anything granted.
			position = this.line.find(place.queue(), place.key(), place.revision());
		}
		this.places.forget(place);
		return null;
	}

	private LockQueue.@Nullable Position enter(Place place) {
		try {
			LockQueue.Position position = this.line.enter(place.queue(), place.key(), place.session());
			place.takenOver().ifPresent((earlier) -> this.places.sessions().forget(earlier, place.key()));
			return position;
		}
		catch (LockStoreException ex) {
			if (!EtcdErrors.isLeaseGone(ex)) {
				throw ex;
			}
			this.places.sessions().lose(place.session());
			return null;
		}
	}

}
