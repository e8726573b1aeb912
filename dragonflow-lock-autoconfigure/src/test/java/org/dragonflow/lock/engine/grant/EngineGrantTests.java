package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.dragonflow.lock.engine.HoldOutcome;
import org.dragonflow.lock.engine.grant.EngineGrant.HoldListener;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A grant that ends, or is asked for, at each moment that there is while it changes
 * hands: from the store to the first hold, to the next one, and back.
 */
class EngineGrantTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	private static final LockKey KEY = new LockKey("grant-tests", "net-1");

	private final Lines lines = new Lines();

	private final List<String> told = new ArrayList<>();

	private final EngineGrant grant = new EngineGrant(new LockAttempt(KEY, "me", LEASE, Deadline.NEVER), place(LEASE),
			new HoldListener() {

				@Override
				public void lost(EngineHold hold, String reason) {
					EngineGrantTests.this.told.add("lost " + hold.fencingToken());
				}

				@Override
				public void revoked(EngineHold hold) {
					EngineGrantTests.this.told.add("asked for " + hold.fencingToken());
				}

			});

	private final EngineHold first = this.grant.first();

	private final long token = 7 * FencingTokens.PER_GRANT;

	@Test
	void isNotHeldBeforeTheStoreHasGivenIt() {
		assertThat(this.first.isHeld()).as("held").isFalse();
		granted();
		assertThat(this.first.isHeld()).as("held").isTrue();
		assertThat(this.first.fencingToken()).isEqualTo(this.token);
	}

	@Test
	void whatEndsBeforeTheAnswerIsToldWhenTheHoldBegins() {
		lose();
		assertThat(this.told).as("what is told of a hold that has not begun").isEmpty();
		granted();
		assertThat(this.told).containsExactly("lost " + this.token);
		assertThat(this.first.isHeld()).as("held").isFalse();
	}

	@Test
	void whatEndsBetweenTheAnswerAndTheBeginIsToldWhenTheHoldBegins() {
		this.grant.granted(new Grant(7, Deadline.in(LEASE)), null);
		lose();
		assertThat(this.told).as("what is told of a hold that has not begun").isEmpty();
		this.first.open(0);
		assertThat(this.told).containsExactly("lost " + this.token);
	}

	@Test
	void whatIsAskedForBeforeTheHoldBeginsIsToldThen() {
		this.grant.revoke();
		granted();
		assertThat(this.told).containsExactly("asked for " + this.token);
		this.grant.revoke();
		assertThat(this.told).as("told once").hasSize(1);
	}

	@Test
	void whatEndsBeforeItIsHandedOverIsNotHandedOver() {
		granted();
		lose();
		assertThat(this.first.passTo(place(LEASE), null)).as("the next hold").isNull();
		assertThat(this.told).containsExactly("lost " + this.token);
	}

	@Test
	void whatEndsWhenItIsHandedOverIsLostForTheNextOne() {
		granted();
		EngineHold next = next();
		lose();
		assertThat(this.first.end(HoldOutcome.HANDED_OVER)).as("the first one has ended well").isTrue();
		assertThat(this.told).as("what is told of a hold that has not begun").isEmpty();
		next.open(0);
		assertThat(this.told).containsExactly("lost " + (this.token + 1));
	}

	@Test
	void whatEndsAfterTheNextOneHasBegunIsLostForThat() {
		granted();
		EngineHold next = next();
		next.open(0);
		lose();
		assertThat(this.told).containsExactly("lost " + (this.token + 1));
		assertThat(this.first.isLost()).as("the first one was lost").isFalse();
	}

	@Test
	void whatIsAskedForWhenItIsHandedOverIsToldTheNextOne() {
		granted();
		EngineHold next = next();
		this.grant.revoke();
		next.open(0);
		assertThat(this.told).containsExactly("asked for " + (this.token + 1));
		assertThat(next.passTo(place(LEASE), null)).as("handed over though it is asked for").isNull();
	}

	@Test
	void whatEndsWhenItIsGivenBackIsNoLoss() {
		granted();
		assertThat(this.first.beginRelease()).as("given back").isTrue();
		assertThat(this.grant.lose("for the test")).as("lost by somebody").isFalse();
		assertThat(this.told).isEmpty();
		this.first.loseInRelease();
		assertThat(this.told).as("when the store says it was not ours").containsExactly("lost " + this.token);
		assertThat(this.first.end(HoldOutcome.RELEASED)).as("ends twice").isFalse();
	}

	@Test
	void theHoldThatHasPassedItOnCannotGiveItBack() {
		granted();
		EngineHold next = next();
		assertThat(this.first.isHeld()).as("held by the first").isFalse();
		assertThat(this.first.beginRelease()).as("given back by the first").isFalse();
		assertThat(next.isHeld()).as("held by the next").isTrue();
	}

	@Test
	void aNextOneThatWantsAnotherLeaseIsNotHandedIt() {
		granted();
		assertThat(this.first.passTo(place(LEASE.plusSeconds(1)), null)).as("the next hold").isNull();
		assertThat(this.first.isHeld()).as("still held by the first").isTrue();
	}

	private void granted() {
		this.grant.granted(new Grant(7, Deadline.in(LEASE)), null);
		this.first.open(0);
	}

	private EngineHold next() {
		EngineHold next = this.first.passTo(place(LEASE), null);
		if (next == null) {
			throw new AssertionError("The grant was to be handed over");
		}
		return next;
	}

	private Place place(Duration lease) {
		return this.lines.enter(new Request(List.of(KEY), lease, Deadline.NEVER, null, true, null, Set.of()), KEY);
	}

	private void lose() {
		assertThat(this.grant.lose("for the test")).as("lost by somebody").isTrue();
	}

}
