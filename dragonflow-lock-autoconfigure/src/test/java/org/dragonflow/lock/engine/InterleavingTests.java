package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.engine.grant.EngineGrant;
import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.grant.EngineGrant.HoldListener;
import org.dragonflow.lock.engine.line.Line;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
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

	private static final LockKey KEY = new LockKey("interleavings", "net-1");

	private static final Duration LEASE = Duration.ofSeconds(30);

	@Test
	void leaveEachThreadItsPlaceInTheLine() {
		check(options().threads(3).sequentialSpecification(LineModel.class), LineOfAnId.class);
	}

	@Test
	void leaveAGrantWithOneHolderOrWithNone() {
		check(options().threads(2).sequentialSpecification(ChangingGrantModel.class), ChangingGrant.class);
	}

	/**
	 * Checks on a thread of its own: Lincheck looks at all that can be reached, a request
	 * knows its thread, and that of the tests carries what others have left on it.
	 */
	static void check(ModelCheckingOptions options, Class<?> type) {
		CompletableFuture
			.runAsync(() -> options.check(type), (task) -> new Thread(null, task, "interleavings", 0, false).start())
			.join();
	}

	// Enough for each of the faults that were put in, and a few seconds.
	private static ModelCheckingOptions options() {
		return new ModelCheckingOptions().iterations(12)
			.invocationsPerIteration(200)
			.actorsBefore(1)
			.actorsPerThread(3)
			.actorsAfter(2);
	}

	private static Request request() {
		return new Request(List.of(KEY), LEASE, Deadline.in(Duration.ZERO), null, true, null, Set.of());
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
	public static class LineOfAnId {

		private final Lines lines = new Lines();

		private final @Nullable Place[] places = new Place[6];

		@Operation
		public boolean enter(@Param(name = "self") int self) {
			if (this.places[self] != null) {
				return false;
			}
			Place place = this.lines.enter(request(), KEY);
			this.places[self] = place;
			return place.cameFirst();
		}

		@Operation
		public boolean enterIfFree(@Param(name = "self") int self) {
			if (this.places[self] != null) {
				return false;
			}
			this.places[self] = this.lines.enterIfFree(request(), KEY);
			return this.places[self] != null;
		}

		// What it has been handed is asked together with its turn: that comes after the
		// line has changed.
		@Operation
		public Turn turn(@Param(name = "self") int self) throws InterruptedException {
			Place place = this.places[self];
			if (place == null || !place.awaitTurn()) {
				return Turn.NOT_YET;
			}
			return (place.occupant() != null) ? Turn.HANDED_OVER : Turn.TO_ASK;
		}

		@Operation
		public void leave(@Param(name = "self") int self) {
			Place place = this.places[self];
			if (place != null) {
				this.lines.leave(place);
				this.places[self] = null;
			}
		}

		@Operation
		public boolean giveUp(@Param(name = "self") int self) {
			Place place = this.places[self];
			if (place == null || this.lines.giveUp(place) != null) {
				return false;
			}
			this.places[self] = null;
			return true;
		}

		@Operation
		public boolean handOver(@Param(name = "self") int self) {
			Place place = this.places[self];
			if (place == null) {
				return false;
			}
			Line.Turn turn = this.lines.handOver(place, (next) -> () -> true);
			turn.begin();
			if (turn.place() == null) {
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
	 * A grant that changes hands, while the store and people say things of it: which the
	 * holders, the keeper and the driver can all bring about at any moment.
	 */
	@Param(name = "self", gen = ThreadIdGen.class)
	public static class ChangingGrant {

		private final Lines lines = new Lines();

		private final AtomicInteger losses = new AtomicInteger();

		private final AtomicInteger requests = new AtomicInteger();

		private final EngineGrant grant = new EngineGrant(new LockAttempt(KEY, "me", LEASE, Deadline.NEVER),
				this.lines.enter(request(), KEY), new HoldListener() {

					@Override
					public void lost(EngineHold hold, String reason) {
						ChangingGrant.this.losses.incrementAndGet();
					}

					@Override
					public void revoked(EngineHold hold) {
						ChangingGrant.this.requests.incrementAndGet();
					}

				});

		private boolean answered;

		@Operation(nonParallelGroup = "who has asked")
		public boolean answer() {
			if (this.answered) {
				return false;
			}
			this.answered = true;
			this.grant.granted(new Grant(1, Deadline.NEVER), null);
			this.grant.first().open(0);
			return true;
		}

		@Operation
		public boolean lose() {
			return this.grant.lose("for the test");
		}

		@Operation
		public boolean release() {
			for (EngineHold hold = holder(); hold != null; hold = holder()) {
				if (hold.beginRelease()) {
					return true;
				}
			}
			return false;
		}

		@Operation
		public boolean passOn() {
			for (EngineHold hold = holder(); hold != null; hold = holder()) {
				EngineHold next = hold.passTo(this.lines.enter(request(), KEY), null);
				if (next != null) {
					next.open(0);
					return true;
				}
			}
			return false;
		}

		// Whoever has it now.
		private @Nullable EngineHold holder() {
			EngineHold hold = this.grant.holder();
			while (hold != null && !hold.isHeld()) {
				EngineHold present = this.grant.holder();
				// Nobody's yet, rather than another's by now.
				hold = (present != hold) ? present : null;
			}
			return hold;
		}

		/**
		 * Whoever has it when it is lost is told of that, and nobody else.
		 */
		@Operation
		public boolean isToldOfAtMostOneLoss() {
			return this.losses.get() <= 1 && this.requests.get() == 0;
		}

	}

	/**
	 * The same for one thread at a time.
	 */
	public static class ChangingGrantModel {

		private boolean asked;

		private boolean had = true;

		private boolean held;

		public boolean answer() {
			boolean first = !this.asked;
			this.asked = true;
			this.held = this.held || first;
			return first;
		}

		public boolean lose() {
			boolean lost = this.had;
			this.had = false;
			return lost;
		}

		public boolean release() {
			boolean released = this.held && this.had;
			this.held = false;
			this.had = this.had && !released;
			return released;
		}

		public boolean passOn() {
			boolean passed = this.held && this.had;
			this.held = passed;
			return passed;
		}

		public boolean isToldOfAtMostOneLoss() {
			return true;
		}

	}

}
