package org.dragonflow.lock.console;

import java.util.concurrent.TimeUnit;

import org.dragonflow.lock.console.Ended.Kind;
import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.LockHold;
import org.dragonflow.lock.engine.LockObserver;
import org.dragonflow.lock.engine.LockWait;
import org.dragonflow.lock.engine.StoreCall;
import org.dragonflow.lock.engine.WaitOutcome;

/**
 * Keeps what has ended lately. What still goes on is asked of the engine, so that nothing
 * has to be kept of it, and a begin costs nothing.
 */
final class LockRecorder implements LockObserver {

	/**
	 * A wait that was shorter, and for a lock that was got, was a call of the store and
	 * no wait. Nobody could see it on a picture.
	 */
	static final long SHORTEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private final RecentlyEnded recent = new RecentlyEnded();

	@Override
	public void waitEnded(LockWait wait, WaitOutcome outcome) {
		long now = System.nanoTime();
		long age = wait.age().toNanos();
		if (outcome != WaitOutcome.ACQUIRED || age >= SHORTEST_WAIT_NANOS) {
			this.recent.add((number) -> new Ended(number, Kind.WAIT, Texts.cut(wait.key().objectId()),
					Texts.cut(wait.threadName()), Texts.cutNullable(wait.label()), 0, now - age, now, outcome.name()));
		}
	}

	@Override
	public void holdEnded(LockHold hold, HoldOutcome outcome) {
		long now = System.nanoTime();
		this.recent.add((number) -> new Ended(number, Kind.HOLD, Texts.cut(hold.key().objectId()),
				Texts.cut(hold.threadName()), Texts.cutNullable(hold.label()), hold.fencingToken(),
				now - hold.age().toNanos(), now, outcome.name()));
	}

	@Override
	public void storeFailed(StoreCall call, RuntimeException failure) {
		long now = System.nanoTime();
		// Not its message: clients quote addresses, with what these may contain.
		this.recent.add((number) -> new Ended(number, Kind.CALL, null, Texts.cut(Thread.currentThread().getName()),
				failure.getClass().getSimpleName(), 0, now, now, call.name()));
	}

	RecentlyEnded recent() {
		return this.recent;
	}

}
