package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockKey;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever way the steps of several threads fall between each other, the engine's state
 * in this JVM is as if each operation had come alone. Looks through interleavings, rather
 * than waiting for them to happen.
 */
class InterleavingTests {

	private static final String OBJECT_ID = "net-1";

	private static final Duration LEASE = Duration.ofSeconds(30);

	@Test
	void leaveEachThreadItsPlaceInTheLine() {
		options().threads(3).sequentialSpecification(LineModel.class).check(Line.class);
	}

	@Test
	void endAHoldOnceOnly() {
		options().threads(2).sequentialSpecification(EndModel.class).check(End.class);
	}

	// Enough for each of the faults that were put in, and a few seconds.
	private static ModelCheckingOptions options() {
		return new ModelCheckingOptions().iterations(12)
			.invocationsPerIteration(200)
			.actorsBefore(1)
			.actorsPerThread(3)
			.actorsAfter(2);
	}

	private static EngineHold hold(Place place) {
		return new EngineHold(new Hold(new LockKey("interleavings", OBJECT_ID), "me"), place,
				new Grant(1, Deadline.NEVER), Deadline.NEVER, new Unheard());
	}

	private static final class Unheard implements HoldListener {

		@Override
		public void lost(EngineHold hold, String reason) {
		}

		@Override
		public void revoked(EngineHold hold) {
		}

	}

	/**
	 * What a place is good for.
	 */
	public enum Turn {

		NOT_YET, TO_ASK, HANDED_OVER

	}

	/**
	 * The line for one id. Each thread has a place of its own, or none.
	 */
	@Param(name = "self", gen = ThreadIdGen.class)
	public static class Line {

		private final LocalQueues queues = new LocalQueues();

		private final @Nullable Place[] places = new Place[6];

		@Operation
		public boolean enter(@Param(name = "self") int self) {
			if (this.places[self] != null) {
				return false;
			}
			Place place = this.queues.enter(OBJECT_ID, LEASE, null);
			this.places[self] = place;
			return place.cameFirst();
		}

		@Operation
		public boolean enterIfFree(@Param(name = "self") int self) {
			if (this.places[self] != null) {
				return false;
			}
			this.places[self] = this.queues.enterIfFree(OBJECT_ID, LEASE, null);
			return this.places[self] != null;
		}

		// What it has been handed is asked together with its turn: that comes after the
		// line has changed.
		@Operation
		public Turn turn(@Param(name = "self") int self) throws InterruptedException {
			Place place = this.places[self];
			if (place == null || !place.awaitTurn(Deadline.in(Duration.ZERO))) {
				return Turn.NOT_YET;
			}
			return (place.hold() != null) ? Turn.HANDED_OVER : Turn.TO_ASK;
		}

		@Operation
		public void leave(@Param(name = "self") int self) {
			Place place = this.places[self];
			if (place != null) {
				this.queues.leave(place);
				this.places[self] = null;
			}
		}

		@Operation
		public boolean giveUp(@Param(name = "self") int self) {
			Place place = this.places[self];
			if (place == null || this.queues.giveUp(place) != null) {
				return false;
			}
			this.places[self] = null;
			return true;
		}

		@Operation
		public boolean handOver(@Param(name = "self") int self) {
			Place place = this.places[self];
			if (place == null || !this.queues.handOver(place, InterleavingTests::hold, (successor) -> {
			})) {
				return false;
			}
			this.places[self] = null;
			return true;
		}

	}

	/**
	 * What the line is to do, for one thread at a time.
	 */
	public static class LineModel {

		private final List<Integer> line = new ArrayList<>();

		private final boolean[] holds = new boolean[6];

		public boolean enter(int self) {
			if (this.line.contains(self)) {
				return false;
			}
			this.line.add(self);
			return isHead(self);
		}

		public boolean enterIfFree(int self) {
			return this.line.isEmpty() && this.line.add(self);
		}

		public Turn turn(int self) {
			if (!isHead(self)) {
				return Turn.NOT_YET;
			}
			return this.holds[self] ? Turn.HANDED_OVER : Turn.TO_ASK;
		}

		public void leave(int self) {
			this.line.remove((Object) self);
			this.holds[self] = false;
		}

		public boolean giveUp(int self) {
			return !this.holds[self] && this.line.remove((Object) self);
		}

		public boolean handOver(int self) {
			if (!isHead(self) || this.line.size() < 2) {
				return false;
			}
			leave(self);
			this.holds[this.line.get(0)] = true;
			return true;
		}

		private boolean isHead(int self) {
			return !this.line.isEmpty() && this.line.get(0) == self;
		}

	}

	/**
	 * The end of a hold, which the owner, the keeper and the store can all bring about.
	 */
	public static class End {

		private final EngineHold hold = hold(new LocalQueues().enter(OBJECT_ID, LEASE, null));

		@Operation
		public boolean lose() {
			return this.hold.lose("for the test");
		}

		@Operation
		public boolean beginRelease() {
			return this.hold.beginRelease();
		}

		@Operation
		public void loseInRelease() {
			this.hold.loseInRelease();
		}

		@Operation
		public void extend() {
			this.hold.extend(Deadline.NEVER);
		}

		@Operation
		public boolean isHeld() {
			return this.hold.isHeld();
		}

	}

	/**
	 * A hold that ends once, and cannot come back.
	 */
	public static class EndModel {

		private boolean held = true;

		public boolean lose() {
			boolean before = this.held;
			this.held = false;
			return before;
		}

		public boolean beginRelease() {
			return lose();
		}

		public void loseInRelease() {
		}

		public void extend() {
		}

		public boolean isHeld() {
			return this.held;
		}

	}

}
