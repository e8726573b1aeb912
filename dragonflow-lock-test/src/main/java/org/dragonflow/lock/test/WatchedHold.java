package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.test.HoldHistory.LateWrite;
import org.dragonflow.lock.test.HoldRecord.Outcome;

/**
 * A hold of the random test, and all that its holder can say of it. Used by one thread.
 * <p>
 * The JVM may be paused between any two steps. So a moment counts as held only if the
 * clock was read <em>before</em> the hold was asked and said yes.
 */
final class WatchedHold {

	private final LockHandle handle;

	private final RandomIds ids;

	private final Collection<String> violations;

	private final long start = System.nanoTime();

	private final Queue<LateWrite> lateWrites = new ConcurrentLinkedQueue<>();

	private final List<Token> tokens = new ArrayList<>();

	private final AtomicInteger told = new AtomicInteger();

	private volatile long toldAt = Long.MAX_VALUE;

	private long relied = this.start - 1;

	private long seen = this.start - 1;

	private boolean seenLost;

	private boolean broken;

	private boolean breakConfirmed;

	private Outcome outcome = Outcome.UNKNOWN;

	WatchedHold(LockHandle handle, RandomIds ids, Collection<String> violations) {
		this.handle = handle;
		this.ids = ids;
		this.violations = violations;
		handle.objectIds().forEach((id) -> this.tokens.add(new Token(id, handle.fencingToken(id))));
		handle.onLost(() -> {
			this.toldAt = System.nanoTime();
			this.told.incrementAndGet();
		});
		use();
	}

	/**
	 * Asks whether the hold is still there, and writes what it guards.
	 */
	boolean use() {
		boolean held = ask();
		for (Token token : this.tokens) {
			boolean refused = !this.ids.register().write(this.ids.indexOf(token.objectId()), token.value());
			// Asked after the write: whoever wrote the higher token had the lock then, so
			// this needs no clock. A late writer that was paused is told of its loss
			// here.
			if (refused && !this.broken && this.handle.isHeld()) {
				this.lateWrites.add(new LateWrite(token.objectId(), token.value()));
			}
		}
		return held;
	}

	private boolean ask() {
		long now = System.nanoTime();
		boolean held = this.handle.isHeld();
		Duration remaining = this.handle.remaining();
		if (held && this.seenLost) {
			violation("was lost, and is held again");
		}
		this.seenLost = this.seenLost || !held;
		this.seen = held ? now : this.seen;
		if (held && !this.broken) {
			this.relied = Math.max(this.relied, now + remaining.toNanos());
		}
		return held;
	}

	/**
	 * Breaks the record in the store behind the holder's back.
	 * @return whether it was broken
	 */
	boolean breakRecord(LockDriver driver, LockKey key) {
		LockRecord record = driver.look(key);
		// Asked after the look: then it was this hold's record that was seen.
		long before = System.nanoTime();
		if (!this.handle.isHeld()) {
			return false;
		}
		if (record == null) {
			violation("is held, but there is no record of it");
			return false;
		}
		this.relied = before;
		this.broken = true;
		this.breakConfirmed = driver.breakHold(record.hold());
		return this.breakConfirmed;
	}

	/**
	 * Ends the hold, and keeps how it ended.
	 */
	void end(Runnable release) {
		boolean held = ask();
		long before = System.nanoTime();
		try {
			release.run();
			this.outcome = Outcome.RELEASED;
			this.relied = this.broken ? this.relied : before;
			if (!held || this.breakConfirmed) {
				violation("was lost or broken, but its release was confirmed");
			}
		}
		catch (LockLostException ex) {
			this.outcome = this.broken ? Outcome.BROKEN : Outcome.LOST;
			this.relied = Math.min(this.relied, Math.min(before, this.toldAt));
		}
		catch (LockStoreException ex) {
			this.relied = Math.min(this.relied, Math.min(before, this.toldAt));
		}
	}

	/**
	 * Looks at a hold whose thread has ended without having released it. Nobody relied on
	 * it after the last moment at which it was seen to be held.
	 * @return whether it is still held
	 */
	boolean watchAbandoned() {
		boolean held = ask();
		if (!held) {
			this.outcome = Outcome.LOST;
			this.relied = Math.min(this.relied, this.seen);
		}
		return held;
	}

	/**
	 * Whether the holder has been told of its loss, or need not be.
	 * @param events how many losses of its ids were published
	 */
	boolean isTold(long events) {
		return !isLoss() || (this.told.get() > 0 && events > 0);
	}

	boolean is(String objectId, long token) {
		return this.tokens.contains(new Token(objectId, token));
	}

	/**
	 * Checks that a loss was told, and once.
	 */
	void checkTold(long events) {
		int expected = isLoss() ? 1 : 0;
		if (this.outcome != Outcome.UNKNOWN && this.told.get() != expected) {
			violation("has ended as " + this.outcome + ", and its loss was told " + this.told + " times");
		}
		if (this.outcome != Outcome.UNKNOWN && (events < expected || events > expected * this.tokens.size())) {
			violation("has ended as " + this.outcome + ", and " + events + " losses were published");
		}
	}

	List<HoldRecord> records() {
		return this.tokens.stream()
			.map((token) -> new HoldRecord(token.objectId(), token.value(), this.start, this.relied, this.seen,
					this.outcome))
			.toList();
	}

	Collection<LateWrite> lateWrites() {
		return this.lateWrites;
	}

	void violation(String text) {
		this.violations.add("The hold " + this.tokens + " " + text);
	}

	private boolean isLoss() {
		return this.outcome == Outcome.LOST || this.outcome == Outcome.BROKEN;
	}

	private record Token(String objectId, long value) {
	}

}
