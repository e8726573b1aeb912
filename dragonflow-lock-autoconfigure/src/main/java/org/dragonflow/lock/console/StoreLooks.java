package org.dragonflow.lock.console;

import java.time.Duration;
import java.util.concurrent.Semaphore;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.StoredHold;
import org.dragonflow.lock.engine.WaitingThread;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * Asks the store who has a lock that threads of this instance wait for. Few at a time: a
 * store that does not answer keeps a few threads of the web server at most, and the page
 * asks for this apart from all else.
 */
final class StoreLooks {

	private static final int AT_A_TIME = 2;

	private final LockEngine engine;

	private final Semaphore permits = new Semaphore(AT_A_TIME);

	StoreLooks(LockEngine engine) {
		this.engine = engine;
	}

	/**
	 * Looks at the record of a lock.
	 * @param id the id as the page has it, which may be {@link Texts#cut}
	 * @return what was seen
	 */
	Answer holderOf(String id) {
		// Nobody may use the page to ask the store for whatever comes to mind.
		String objectId = this.engine.snapshot(LockConsoleEndpoint.LIMIT)
			.waiting()
			.stream()
			.map(WaitingThread::objectId)
			.filter((waited) -> Texts.cut(waited).equals(id))
			.findFirst()
			.orElse(null);
		if (objectId == null) {
			return Answer.NOBODY_WAITS;
		}
		if (!this.permits.tryAcquire()) {
			return Answer.UNKNOWN;
		}
		try {
			StoredHold found = this.engine.look(objectId);
			return (found != null) ? Answer.of(found) : Answer.FREE;
		}
		catch (LockStoreException ex) {
			return Answer.UNKNOWN;
		}
		finally {
			this.permits.release();
		}
	}

	/**
	 * What was seen.
	 *
	 * @param state whether anybody has the lock
	 * @param holder who has it
	 * @param token the fencing token of the grant
	 * @param here whether that is this instance, by a thread that came or went meanwhile
	 * @param age for how long, in milliseconds
	 * @param leaseLeft how long without a renewal, in milliseconds
	 */
	record Answer(State state, @Nullable String holder, @Nullable String token, boolean here, double age,
			double leaseLeft) implements OperationResponseBody {

		static final Answer NOBODY_WAITS = new Answer(State.NOBODY_WAITS, null, null, false, 0, 0);

		static final Answer FREE = new Answer(State.FREE, null, null, false, 0, 0);

		static final Answer UNKNOWN = new Answer(State.UNKNOWN, null, null, false, 0, 0);

		static Answer of(StoredHold found) {
			return new Answer(State.HELD, Texts.cut(found.owner()), ConsoleReport.token(found.fencingToken()),
					found.ofThisInstance(), millis(found.age()), millis(found.remaining()));
		}

		private static double millis(Duration duration) {
			return duration.toMillis();
		}

	}

	/**
	 * Whether anybody has a lock.
	 */
	enum State {

		HELD, FREE, UNKNOWN, NOBODY_WAITS

	}

}
