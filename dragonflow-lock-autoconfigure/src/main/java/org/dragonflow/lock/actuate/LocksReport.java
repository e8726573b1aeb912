package org.dragonflow.lock.actuate;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HeldLock;
import org.dragonflow.lock.engine.LockSnapshot;
import org.dragonflow.lock.engine.WaitingThread;
import org.jspecify.annotations.Nullable;

/**
 * What an instance holds and waits for, as the endpoint shows it.
 *
 * @param instance the name of the instance; the names of its holders begin with it
 * @param namespace what keeps its locks apart from another application's
 * @param heldCount how many locks it holds
 * @param waitingCount how many of its threads wait
 * @param cut whether not all of them are listed, but those that are the oldest
 * @param held the locks
 * @param waiting the threads
 */
record LocksReport(String instance, String namespace, long heldCount, long waitingCount, boolean cut, List<Held> held,
		List<Waiting> waiting) {

	static LocksReport of(EngineSettings settings, LockSnapshot snapshot) {
		return new LocksReport(settings.instance(), settings.namespace(), snapshot.heldCount(), snapshot.waitingCount(),
				snapshot.isCut(), snapshot.held().stream().map(Held::of).toList(),
				snapshot.waiting().stream().map(Waiting::of).toList());
	}

	private static Duration readable(Duration duration) {
		return duration.truncatedTo(ChronoUnit.MILLIS);
	}

	/**
	 * The token as text: it has more digits than many who read JSON keep of a number.
	 */
	static @Nullable String token(long fencingToken) {
		return (fencingToken != 0) ? Long.toString(fencingToken) : null;
	}

	/**
	 * A lock that is held.
	 */
	record Held(String id, String holder, @Nullable String fencingToken, String thread, long threadId, Owner ownedBy,
			Duration age, Duration lease, Duration leaseLeft, int handedOver, int waiting,
			boolean revocationRequested) {

		static Held of(HeldLock lock) {
			return new Held(lock.objectId(), lock.owner(), token(lock.fencingToken()), lock.thread(), lock.threadId(),
					lock.byHandle() ? Owner.HANDLE : Owner.THREAD, readable(lock.age()), lock.lease(),
					readable(lock.remaining()), lock.handedOver(), lock.waiters(), lock.revoked());
		}

	}

	/**
	 * To whom a lock belongs: then the thread is who took it.
	 */
	enum Owner {

		THREAD, HANDLE

	}

	/**
	 * A thread that waits.
	 */
	record Waiting(String id, String thread, long threadId, Duration age, int position, Where where) {

		static Waiting of(WaitingThread waiting) {
			return new Waiting(waiting.objectId(), waiting.thread(), waiting.threadId(), readable(waiting.age()),
					waiting.position(), waiting.inStore() ? Where.STORE : Where.INSTANCE);
		}

	}

	/**
	 * Where a thread waits: in the store, among the other instances, or inside of this
	 * one.
	 */
	enum Where {

		STORE, INSTANCE

	}

}
