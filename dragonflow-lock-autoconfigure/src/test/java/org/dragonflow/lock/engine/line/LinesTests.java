package org.dragonflow.lock.engine.line;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LinesTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private final Lines lines = new Lines();

	@Test
	void whoComesFirstIsServedFirst() throws InterruptedException {
		Place first = enter("net-1");
		Place second = enter("net-1");
		Place third = enter("net-1");
		assertThat(first.awaitTurn()).as("the first has its turn").isTrue();
		assertThat(second.awaitTurn()).as("the second waits").isFalse();
		this.lines.leave(first);
		assertThat(second.awaitTurn()).as("the second has its turn").isTrue();
		assertThat(third.awaitTurn()).as("the third waits").isFalse();
	}

	@Test
	void whoGivesUpIsPassedOver() throws InterruptedException {
		Place first = enter("net-1");
		Place second = enter("net-1");
		Place third = enter("net-1");
		this.lines.leave(second);
		this.lines.leave(first);
		assertThat(third.awaitTurn()).as("the third has its turn").isTrue();
	}

	@Test
	void aTurnThatComesToOneWhoIsGivingUpGoesOn() throws InterruptedException {
		Place first = enter("net-1");
		Place second = enter("net-1");
		Place third = enter("net-1");
		this.lines.leave(first);
		this.lines.leave(second);
		assertThat(third.awaitTurn()).as("the third has its turn").isTrue();
	}

	@Test
	void leavingTwiceDoesNotServeTwo() throws InterruptedException {
		Place first = enter("net-1");
		enter("net-1");
		Place third = enter("net-1");
		this.lines.leave(first);
		this.lines.leave(first);
		assertThat(third.awaitTurn()).as("the third waits for the second").isFalse();
	}

	@Test
	void idsDoNotShareALine() throws InterruptedException {
		// The same hash code, so that only equality keeps them apart.
		assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
		enter("Aa");
		assertThat(enter("BB").awaitTurn()).as("another id is free").isTrue();
	}

	@Test
	void aSingleTryDoesNotQueue() {
		Place first = enter("net-1");
		assertThat(this.lines.enterIfFree(request("net-1"), key("net-1"))).as("taken").isNull();
		this.lines.leave(first);
		Place second = this.lines.enterIfFree(request("net-1"), key("net-1"));
		assertThat(second).as("free").isNotNull();
	}

	@Test
	void everybodyHasATurnWhenTheLinesAreClosed() throws InterruptedException {
		enter("net-1");
		Place second = enter("net-1");
		Place third = enter("net-1");
		this.lines.dissolve();
		assertThat(second.awaitTurn()).as("the second has a turn").isTrue();
		assertThat(third.awaitTurn()).as("the third has a turn").isTrue();
		assertThat(this.lines.isEmpty()).as("nothing is left").isTrue();
	}

	@Test
	void nothingIsLeftWhenNobodyStandsInLine() {
		for (int i = 0; i < 100_000; i++) {
			Place first = enter("net-" + i);
			Place second = enter("net-" + i);
			this.lines.leave((i % 2 == 0) ? first : second);
			this.lines.leave((i % 2 == 0) ? second : first);
		}
		assertThat(this.lines.isEmpty()).as("nothing is left").isTrue();
	}

	private Place enter(String objectId) {
		return this.lines.enter(request(objectId), key(objectId));
	}

	private static Request request(String objectId) {
		return new Request(List.of(key(objectId)), LEASE, Deadline.in(Duration.ZERO), null, true, null, Set.of());
	}

	private static LockKey key(String objectId) {
		return new LockKey("lines-tests", objectId);
	}

}
