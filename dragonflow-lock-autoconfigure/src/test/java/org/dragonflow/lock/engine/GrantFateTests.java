package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A grant that ends just while one thread hands it over to the next, at each moment that
 * there is.
 */
class GrantFateTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	private final EngineThreads threads = new EngineThreads();

	private final LocalLockDriver driver = new LocalLockDriver();

	private final LeaseKeeper keeper = new LeaseKeeper(new Store(this.driver, new Releaser(this.driver, this.threads)),
			this.threads);

	private final LocalQueues queues = new LocalQueues();

	private final List<EngineHold> lost = new ArrayList<>();

	private final EngineHold first = new EngineHold(new Hold(EngineFixture.key("net-1"), "me"),
			this.queues.enter("net-1", LEASE, null), new Grant(1, Deadline.in(LEASE)), Deadline.NEVER,
			new HoldListener() {

				@Override
				public void lost(EngineHold hold, String reason) {
					GrantFateTests.this.lost.add(hold);
				}

				@Override
				public void revoked(EngineHold hold) {
				}

			});

	@BeforeEach
	void keep() {
		this.keeper.keep(this.first);
		assertThat(this.first.beginRelease()).as("let go").isTrue();
	}

	@AfterEach
	void close() {
		this.threads.close();
		this.driver.close();
	}

	@Test
	void whatEndsBeforeTheNextHoldIsMadeIsNotHandedOver() {
		lose();
		assertThat(this.first.isWithin(HandOver.DEFAULT)).as("may be handed over").isFalse();
		assertThat(this.lost).as("losses of a hold that was let go").isEmpty();
	}

	@Test
	void whatEndsBeforeTheNextHoldIsKeptIsLostForThat() {
		EngineHold next = next();
		lose();
		this.keeper.keep(next);
		next.catchUpWithGrant();
		assertThat(this.lost).as("what is lost").containsExactly(next);
	}

	@Test
	void whatEndsAfterTheNextHoldHasLookedIsLostForThat() {
		EngineHold next = next();
		this.keeper.keep(next);
		next.catchUpWithGrant();
		assertThat(this.lost).as("what is lost before").isEmpty();
		lose();
		assertThat(this.lost).as("what is lost").containsExactly(next);
	}

	private EngineHold next() {
		EngineHold next = this.first.successor(this.queues.enter("net-1", LEASE, null), Deadline.NEVER);
		if (next == null) {
			throw new AssertionError("The grant was to be handed over");
		}
		return next;
	}

	private void lose() {
		this.keeper.lose(this.first.storeHold(), "for the test");
	}

}
