package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.dragonflow.lock.LockException;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.StoredHold;
import org.dragonflow.lock.spi.Deadline;

/**
 * A thread of the random test, which locks in all the ways there are, breaks what
 * somebody holds, and ends with what it holds. Only what it waits for with nothing held
 * has no bound, so that it never waits for itself.
 */
final class RandomThread {

	private static final int LONGEST_HOLD_MILLIS = 8;

	private final LockEngine lock;

	private final RandomIds ids;

	private final Random random;

	private final RandomMischief mischief;

	private final Collection<WatchedHold> history;

	private final Collection<BreakRecord> breaks;

	private final Collection<String> violations;

	// What threads held when they ended.
	private final List<WatchedHold> abandoned = new ArrayList<>();

	private boolean ended;

	RandomThread(LockEngine lock, RandomIds ids, Random random, RandomMischief mischief,
			Collection<WatchedHold> history, Collection<BreakRecord> breaks, Collection<String> violations) {
		this.lock = lock;
		this.ids = ids;
		this.random = random;
		this.mischief = mischief;
		this.history = history;
		this.breaks = breaks;
		this.violations = violations;
	}

	/**
	 * Does so until it is to stop, or ends with a hold that it has not released.
	 * @return whether it has, so that another thread is to go on here
	 */
	boolean run(BooleanSupplier goOn) throws InterruptedException {
		this.ended = false;
		while (goOn.getAsBoolean() && !this.ended) {
			this.abandoned.removeIf((hold) -> !hold.watchAbandoned());
			try {
				step();
			}
			catch (LockException ex) {
				// Another was faster, or the store was not there, or one of many ids was
				// lost in the wait for the others: nothing is held.
			}
			TimeUnit.MILLISECONDS.sleep(this.random.nextInt(3));
		}
		if (!this.ended) {
			awaitLosses();
		}
		return this.ended;
	}

	private void awaitLosses() throws InterruptedException {
		for (WatchedHold hold : this.abandoned) {
			Deadline latest = Deadline.in(this.ids.lease());
			boolean late = false;
			boolean held = true;
			while (held && !late) {
				TimeUnit.MILLISECONDS.sleep(5);
				// Read before the hold is asked: the JVM may be paused in between.
				late = latest.hasPassed();
				held = hold.watchAbandoned();
			}
			if (held) {
				hold.violation("is held for longer than a lease after its thread has ended");
			}
		}
	}

	private void step() throws InterruptedException {
		int rare = this.random.nextInt(100);
		int choice = (rare < 4) ? 10 : (rare == 4) ? 11 : this.random.nextInt(10);
		String objectId = this.ids.some(this.random, 1).get(0);
		switch (choice) {
			case 0, 1 -> {
				this.lock.lock(request(List.of(objectId)));
				holdByThread(objectId);
			}
			case 2 -> tryLock(objectId, Duration.ZERO);
			case 3 -> tryLock(objectId, upTo(20));
			case 4, 5 -> holdByHandle(request(List.of(objectId)).withWait(upTo(50)));
			case 6 -> holdByHandle(request(this.ids.some(this.random, 2 + this.random.nextInt(2))).withWait(upTo(200)));
			case 7 -> reenter(objectId);
			case 8 -> nest(this.ids.some(this.random, 2));
			case 10 -> breakWhatSomebodyHolds(objectId);
			case 11 -> endWithoutUnlocking(objectId);
			default -> tryLockUntilInterrupted(objectId);
		}
	}

	private void tryLock(String objectId, Duration wait) throws InterruptedException {
		if (this.lock.tryLock(request(List.of(objectId)).withWait(wait))) {
			holdByThread(objectId);
		}
	}

	private void tryLockUntilInterrupted(String objectId) throws InterruptedException {
		boolean locked = false;
		try (Interrupter interrupter = new Interrupter(upTo(10))) {
			locked = this.lock.tryLock(request(List.of(objectId)).withWait(Duration.ofMillis(200)));
		}
		catch (InterruptedException ex) {
			if (this.lock.held(objectId) != null) {
				this.violations.add("A thread that was interrupted in its wait holds " + objectId);
			}
		}
		if (locked) {
			holdByThread(objectId);
		}
	}

	private void holdByHandle(LockRequest request) throws InterruptedException {
		LockHandle handle = this.lock.acquire(request);
		WatchedHold hold = watch(handle);
		linger(hold);
		hold.end(handle::close);
	}

	private void holdByThread(String objectId) throws InterruptedException {
		WatchedHold hold = watch(held(objectId));
		linger(hold);
		hold.end(() -> this.lock.unlock(objectId));
	}

	private void reenter(String objectId) throws InterruptedException {
		this.lock.lock(request(List.of(objectId)));
		WatchedHold hold = watch(held(objectId));
		long token = held(objectId).fencingToken();
		try {
			this.lock.lock(objectId);
			if (held(objectId).fencingToken() != token) {
				hold.violation("has another token when it is locked again");
			}
			linger(hold);
			this.lock.unlock(objectId);
		}
		catch (LockLostException ex) {
			// The first call after a loss says so; the last unlock still has to be done.
		}
		hold.end(() -> this.lock.unlock(objectId));
	}

	private void nest(List<String> ascending) throws InterruptedException {
		String outer = ascending.get(0);
		this.lock.lock(request(List.of(outer)));
		WatchedHold hold = watch(held(outer));
		try {
			tryLock(ascending.get(1), upTo(100));
			linger(hold);
		}
		catch (LockException ex) {
			// Only the inner one was refused.
		}
		hold.end(() -> this.lock.unlock(outer));
	}

	private void breakWhatSomebodyHolds(String objectId) {
		StoredHold found = this.lock.look(objectId);
		if (found == null) {
			return;
		}
		long before = System.nanoTime();
		boolean broken = true;
		try {
			broken = this.lock.breakHold(objectId, found.owner());
		}
		finally {
			// Also if the outcome is unknown.
			if (broken) {
				this.breaks.add(BreakRecord.of(found, before));
			}
		}
	}

	private void endWithoutUnlocking(String objectId) throws InterruptedException {
		this.lock.lock(request(List.of(objectId)));
		WatchedHold hold = watch(held(objectId));
		linger(hold);
		this.abandoned.add(hold);
		this.ended = true;
	}

	private void linger(WatchedHold hold) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(this.random.nextInt(LONGEST_HOLD_MILLIS));
		hold.use();
	}

	private WatchedHold watch(LockHandle handle) {
		this.mischief.harm(handle, this.random);
		WatchedHold hold = new WatchedHold(handle, this.ids, this.violations);
		this.history.add(hold);
		return hold;
	}

	private LockHandle held(String objectId) {
		LockHandle held = this.lock.held(objectId);
		if (held == null) {
			throw new AssertionError("A thread that has just locked " + objectId + " has no hold of it");
		}
		return held;
	}

	private LockRequest request(List<String> objectIds) {
		return LockRequest.of(objectIds).withLease(this.ids.lease());
	}

	private Duration upTo(int millis) {
		return Duration.ofMillis(this.random.nextInt(millis));
	}

}
