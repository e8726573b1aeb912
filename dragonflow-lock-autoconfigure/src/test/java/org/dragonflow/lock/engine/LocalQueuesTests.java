package org.dragonflow.lock.engine;

import java.time.Duration;

import org.dragonflow.lock.spi.Deadline;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LocalQueuesTests {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private static final Deadline NOW = Deadline.in(Duration.ZERO);

	private final LocalQueues queues = new LocalQueues();

	@Test
	void whoComesFirstIsServedFirst() throws InterruptedException {
		Place first = this.queues.enter("net-1", LEASE, null);
		Place second = this.queues.enter("net-1", LEASE, null);
		Place third = this.queues.enter("net-1", LEASE, null);
		assertThat(first.awaitTurn(NOW)).as("the first has its turn").isTrue();
		assertThat(second.awaitTurn(NOW)).as("the second waits").isFalse();
		this.queues.leave(first);
		assertThat(second.awaitTurn(NOW)).as("the second has its turn").isTrue();
		assertThat(third.awaitTurn(NOW)).as("the third waits").isFalse();
	}

	@Test
	void whoGivesUpIsPassedOver() throws InterruptedException {
		Place first = this.queues.enter("net-1", LEASE, null);
		Place second = this.queues.enter("net-1", LEASE, null);
		Place third = this.queues.enter("net-1", LEASE, null);
		this.queues.leave(second);
		this.queues.leave(first);
		assertThat(third.awaitTurn(NOW)).as("the third has its turn").isTrue();
	}

	@Test
	void aTurnThatComesToOneWhoIsGivingUpGoesOn() throws InterruptedException {
		Place first = this.queues.enter("net-1", LEASE, null);
		Place second = this.queues.enter("net-1", LEASE, null);
		Place third = this.queues.enter("net-1", LEASE, null);
		this.queues.leave(first);
		this.queues.leave(second);
		assertThat(third.awaitTurn(NOW)).as("the third has its turn").isTrue();
	}

	@Test
	void leavingTwiceDoesNotServeTwo() throws InterruptedException {
		Place first = this.queues.enter("net-1", LEASE, null);
		this.queues.enter("net-1", LEASE, null);
		Place third = this.queues.enter("net-1", LEASE, null);
		this.queues.leave(first);
		this.queues.leave(first);
		assertThat(third.awaitTurn(NOW)).as("the third waits for the second").isFalse();
	}

	@Test
	void idsDoNotShareALine() throws InterruptedException {
		// The same hash code, so that only equality keeps them apart.
		assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
		this.queues.enter("Aa", LEASE, null);
		assertThat(this.queues.enter("BB", LEASE, null).awaitTurn(NOW)).as("another id is free").isTrue();
	}

	@Test
	void aSingleTryDoesNotQueue() {
		Place first = this.queues.enter("net-1", LEASE, null);
		assertThat(this.queues.enterIfFree("net-1", LEASE, null)).as("taken").isNull();
		this.queues.leave(first);
		Place second = this.queues.enterIfFree("net-1", LEASE, null);
		assertThat(second).as("free").isNotNull();
	}

	@Test
	void everybodyHasATurnWhenTheLinesAreClosed() throws InterruptedException {
		this.queues.enter("net-1", LEASE, null);
		Place second = this.queues.enter("net-1", LEASE, null);
		Place third = this.queues.enter("net-1", LEASE, null);
		this.queues.dissolve();
		assertThat(second.awaitTurn(NOW)).as("the second has a turn").isTrue();
		assertThat(third.awaitTurn(NOW)).as("the third has a turn").isTrue();
		assertThat(this.queues.isEmpty()).as("nothing is left").isTrue();
	}

	@Test
	void nothingIsLeftWhenNobodyStandsInLine() {
		for (int i = 0; i < 100_000; i++) {
			Place first = this.queues.enter("net-" + i, LEASE, null);
			Place second = this.queues.enter("net-" + i, LEASE, null);
			this.queues.leave((i % 2 == 0) ? first : second);
			this.queues.leave((i % 2 == 0) ? second : first);
		}
		assertThat(this.queues.isEmpty()).as("nothing is left").isTrue();
	}

}
