package org.dragonflow.lock.actuate;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

import org.dragonflow.lock.engine.LockSnapshot;
import org.dragonflow.lock.engine.StoredHold;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one id, as the endpoint shows it.
 *
 * @param id the id
 * @param state whether anybody holds the lock, by the store
 * @param stored what the store has
 * @param held the hold of this instance
 * @param waitingCount how many threads of this instance wait
 * @param waiting those threads, or the first of them
 * @param problem why the store has not answered
 */
record LockReport(String id, State state, @Nullable Stored stored, LocksReport.@Nullable Held held, long waitingCount,
		List<LocksReport.Waiting> waiting, @Nullable String problem) {

	static LockReport of(String id, @Nullable StoredHold stored, @Nullable String problem, LockSnapshot here) {
		State state = (problem != null) ? State.UNKNOWN : (stored != null) ? State.HELD : State.FREE;
		return new LockReport(id, state, (stored != null) ? Stored.of(stored) : null,
				here.held().isEmpty() ? null : LocksReport.Held.of(here.held().get(0)), here.waitingCount(),
				here.waiting().stream().map(LocksReport.Waiting::of).toList(), problem);
	}

	/**
	 * Whether anybody holds a lock.
	 */
	enum State {

		HELD, FREE, UNKNOWN

	}

	/**
	 * The record that the store has.
	 *
	 * @param holder who holds the lock, for those who want to break the hold
	 * @param fencingToken the token of the grant's first hold
	 * @param age how long ago it was granted
	 * @param leaseLeft how long it lasts without being renewed
	 * @param thisInstance whether this instance is the holder
	 */
	record Stored(String holder, @Nullable String fencingToken, Duration age, Duration leaseLeft,
			boolean thisInstance) {

		static Stored of(StoredHold hold) {
			return new Stored(hold.owner(), LocksReport.token(hold.fencingToken()),
					hold.age().truncatedTo(ChronoUnit.MILLIS), hold.remaining().truncatedTo(ChronoUnit.MILLIS),
					hold.ofThisInstance());
		}

	}

}
