package org.dragonflow.lock.test;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.Renewal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Renewals of several holds, whose answers are hold by hold.
 */
abstract class AnswerCases extends ManyKeysCases {

	@Test
	void aRenewalOfManyHoldsNamesExactlyTheLostOnes() throws Exception {
		List<Hold> holds = new ArrayList<>();
		for (int i = 0; i < 120; i++) {
			holds.add(take(this.alice, key("-" + i)));
		}
		Hold released = holds.get(3);
		this.alice.release(released);
		Hold broken = holds.get(50);
		this.bob.breakHold(broken);
		Hold succeeded = holds.get(110);
		this.bob.breakHold(succeeded);
		Hold successor = take(this.bob, succeeded.key());
		assertLost(this.alice, holds, released, broken, succeeded);
		assertHeld(this.bob, successor);
		holds.removeAll(Set.of(released, broken, succeeded));
		assertThat(this.alice.renew(holds, LONG_LEASE).lost()).as("What a renewal of the others finds lost").isEmpty();
		for (Hold hold : holds) {
			assertThat(this.alice.release(hold)).as("The release of %s", hold).isTrue();
		}
	}

	@Test
	void aRenewalAnswersForEachHoldWhateverHasBecomeOfTheOthers() throws Exception {
		Hold held = take(this.alice, key("-held"));
		Hold asked = take(this.alice, key("-asked"));
		Hold released = take(this.alice, key("-released"));
		Hold succeeded = take(this.alice, key("-succeeded"));
		Hold neverTaken = attempt(key("-never")).hold();
		Hold heldToo = take(this.alice, key("-too"));
		this.alice.release(released);
		endAlone(succeeded.key());
		Hold successor = take(this.bob, succeeded.key());
		for (Hold revoked : List.of(asked, successor)) {
			assertThat(this.bob.requestRevocation(revoked)).as("Whether there is %s to ask for", revoked).isTrue();
		}
		List<Hold> holds = List.of(neverTaken, held, succeeded, asked, released, heldToo);
		assertLost(this.alice, holds, released, succeeded, neverTaken);
		Renewal renewal = renew(this.alice, holds);
		assertThat(renewal.renewed()).as("What is renewed of six, three of which are held")
			.containsOnlyKeys(held, asked, heldToo);
		for (Hold renewed : List.of(held, asked, heldToo)) {
			assertKept(renewed.key(), renewal.renewed().get(renewed));
		}
		assertThat(Set.of(asked)).as("What is asked for").containsAll(renewal.revocations());
		assertHeld(this.bob, successor);
		assertThat(this.alice.look(neverTaken.key())).as("The record of what was never taken").isNull();
	}

}
