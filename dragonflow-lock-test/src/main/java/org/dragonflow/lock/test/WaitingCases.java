package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Waiting: for a release, a break, the end of a lease; in vain; and being disturbed.
 */
abstract class WaitingCases extends KeyCases {

	private static final Duration SHORT_WAIT = Duration.ofMillis(300);

	@Test
	void aWaiterIsWokenByARelease() throws Exception {
		LockAttempt holder = attempt(this.key);
		Grant first = take(this.alice, holder);
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> waiter = waitFor(this.bob, attempt).isWaiting("A waiter waits for the holder");
		this.alice.release(holder.hold());
		Grant second = served("A waiter is served by the release, not by the end of the lease", waiter);
		assertThat(second.token()).as("The waiter's token").isGreaterThan(first.token());
		assertHeld(this.bob, attempt.hold());
		assertRefused(this.alice, this.key);
	}

	@Test
	void aWaiterIsWokenByABreak() throws Exception {
		Hold hold = take(this.alice, this.key);
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> waiter = waitFor(this.bob, attempt).isWaiting("A waiter waits for the holder");
		newClient().breakHold(hold);
		served("A waiter is served by the break, not by the end of the lease", waiter);
		assertHeld(this.bob, attempt.hold());
	}

	@Test
	void aWaiterIsServedWhenTheHoldersLeaseEnds() throws Exception {
		Grant first = take(this.alice, attempt(this.key, shortLease(), Duration.ZERO));
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> waiter = waitFor(this.bob, attempt);
		Grant second = waiter.get("A waiter is served by the end of the lease alone", shortLease().plus(patience()));
		assertThat(first.validUntil().hasPassed()).as("Whether the first holder's deadline has passed by then")
			.isTrue();
		assertThat(second.token()).as("The waiter's token").isGreaterThan(first.token());
		assertHeld(this.bob, attempt.hold());
	}

	@Test
	void aWaiterStaysOutWhileTheHolderRenews() throws Exception {
		LockAttempt holder = attempt(this.key, shortLease(), Duration.ZERO);
		take(this.alice, holder);
		Background<Grant> waiter = waitFor(this.bob, waitingAttempt(this.key));
		Deadline severalLeases = Deadline.in(shortLease().multipliedBy(5).dividedBy(2));
		await("Several leases pass").pollInterval(shortLease().dividedBy(4))
			.atMost(shortLease().multipliedBy(3).plus(patience()))
			.until(() -> {
				assertThat(this.alice.renew(Set.of(holder.hold()), shortLease()).lost())
					.as("What a renewal finds lost while another waits")
					.isEmpty();
				assertThat(waiter.isDone()).as("Whether the waiter has ended while the holder renews").isFalse();
				return severalLeases.hasPassed();
			});
		this.alice.release(holder.hold());
		served("A waiter is served by the release after several renewals", waiter);
	}

	@Test
	void aTimedWaitEndsInTimeAndLeavesNothing() throws Exception {
		Hold hold = take(this.alice, this.key);
		long start = System.nanoTime();
		Grant grant = this.bob.acquire(attempt(this.key, LONG_LEASE, SHORT_WAIT));
		Duration waited = Duration.ofNanos(System.nanoTime() - start);
		assertThat(grant).as("The grant of a wait that was in vain").isNull();
		assertThat(waited).as("The time waited").isBetween(SHORT_WAIT, SHORT_WAIT.plus(patience()));
		assertHeld(this.alice, hold);
		this.alice.release(hold);
		assertFreeAndUnused(this.key);
	}

	@Test
	void anInterruptedWaiterLeavesNothing() throws Exception {
		Hold hold = take(this.alice, this.key);
		Background<Grant> waiter = waitFor(this.bob, waitingAttempt(this.key)).isWaiting("A waiter waits");
		waiter.interrupt();
		assertThat(waiter.failure("An interrupt ends the wait", patience())).as("What an interrupted waiter gets")
			.isInstanceOf(InterruptedException.class);
		assertHeld(this.alice, hold);
		this.alice.release(hold);
		assertFreeAndUnused(this.key);
	}

	@Test
	void anInterruptedWaiterDoesNotHoldUpTheOneBehindIt() throws Exception {
		Hold hold = take(this.alice, this.key);
		Background<Grant> first = waitFor(this.bob, waitingAttempt(this.key)).isWaiting("The first waiter waits");
		LockDriver carol = newClient();
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> second = waitFor(carol, attempt).isWaiting("The second waiter waits");
		first.interrupt();
		first.failure("An interrupt ends the wait", patience());
		this.alice.release(hold);
		served("The second waiter is served when the first has gone", second);
		assertHeld(carol, attempt.hold());
	}

	@Test
	void aWaiterThatTimedOutDoesNotHoldUpTheOneBehindIt() throws Exception {
		Hold hold = take(this.alice, this.key);
		Background<?> first = Background
			.call(() -> this.bob.acquire(attempt(this.key, LONG_LEASE, SHORT_WAIT.multipliedBy(2))));
		LockDriver carol = newClient();
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> second = waitFor(carol, attempt).isWaiting("The second waiter waits");
		assertThat(first.get("A timed wait ends", patience())).as("The grant of a wait that was in vain").isNull();
		this.alice.release(hold);
		served("The second waiter is served when the first has gone", second);
		assertHeld(carol, attempt.hold());
	}

	@Test
	void aClientWaitsForSeveralKeysAtATime() throws Exception {
		List<Hold> holds = new ArrayList<>();
		List<Background<Grant>> waiters = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			LockKey waited = key("-" + i);
			holds.add(take(this.alice, waited));
			waiters.add(waitFor(this.bob, waitingAttempt(waited)));
		}
		for (Background<Grant> waiter : waiters) {
			waiter.isWaiting("Each waiter waits for its own key");
		}
		for (int i = 3; i >= 0; i--) {
			this.alice.release(holds.get(i));
			served("A waiter is served by the release of its own key", waiters.get(i));
			for (int other = 0; other < i; other++) {
				assertThat(waiters.get(other).isDone()).as("Whether another key's waiter has ended").isFalse();
			}
		}
	}

	@Test
	void manyWaitersAreAllServedOneAtATime() throws Exception {
		AtomicInteger inside = new AtomicInteger();
		Hold hold = take(this.alice, this.key);
		List<Background<Integer>> waiters = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			LockDriver client = newClient();
			waiters.add(Background.call(() -> {
				for (int round = 0; round < 5; round++) {
					LockAttempt attempt = waitingAttempt(this.key);
					take(client, attempt);
					assertThat(inside.incrementAndGet()).as("How many are inside").isOne();
					Thread.yield();
					inside.decrementAndGet();
					assertThat(client.release(attempt.hold())).as("The release of a served waiter").isTrue();
				}
				return 5;
			}));
		}
		this.alice.release(hold);
		for (Background<Integer> waiter : waiters) {
			waiter.get("Each waiter is served in each round", patience().multipliedBy(2));
		}
		assertFreeAndUnused(this.key);
	}

	@Test
	void aDriverThatIsClosedEndsItsWaitingAttempts() throws Exception {
		Hold hold = take(this.alice, this.key);
		LockDriver carol = newClient();
		Background<Grant> waiter = waitFor(carol, waitingAttempt(this.key)).isWaiting("A waiter waits");
		carol.close();
		assertThat(waiter.failure("Closing the driver ends the wait", patience())).as("What its waiter gets")
			.isInstanceOf(LockStoreException.class);
		assertHeld(this.alice, hold);
		this.alice.release(hold);
		assertFreeAndUnused(this.key);
	}

}
