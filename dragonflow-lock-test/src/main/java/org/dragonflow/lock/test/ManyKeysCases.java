package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several keys in one request: those that are free, and the release of several holds.
 */
// The compiler does not find the null-ness of type arguments in class files.
@SuppressWarnings("NullAway")
abstract class ManyKeysCases extends WaitingCases {

	// More than a statement or a script takes at once.
	private static final int VERY_MANY = 520;

	@Test
	void ofManyTheFreeOnesAreGrantedAndTheHeldOnesLeftAlone() throws Exception {
		Hold held = take(this.bob, key("-b"));
		Hold own = take(this.alice, key("-d"));
		// In no order, and the answer is in the same.
		List<LockAttempt> attempts = attempts("-c", "-b", "-a", "-d", "-e");
		List<@Nullable Grant> grants = this.alice.acquireFree(attempts);
		assertThat(grants).as("The grants of five, of which the second and the fourth are held").hasSize(5);
		for (int i : List.of(0, 2, 4)) {
			assertThat(grants.get(i)).as("The grant of %s, which is free", attempts.get(i).key()).isNotNull();
			assertThat(record(this.bob, attempts.get(i).key()).token()).as("Its token in the store")
				.isEqualTo(granted(grants, i).token());
			assertHeld(this.alice, attempts.get(i).hold());
		}
		assertThat(grants.get(1)).as("The grant of what another client holds").isNull();
		assertThat(grants.get(3)).as("The grant of what another owner of the same client holds").isNull();
		assertHeld(this.bob, held);
		assertHeld(this.alice, own);
	}

	@Test
	void ofManyWithAnEndedLeaseIsGranted() throws Exception {
		Hold stale = take(this.bob, key("-a"));
		endLease(stale.key());
		List<LockAttempt> attempts = attempts("-a", "-b");
		assertThat(this.alice.acquireFree(attempts)).as("The grants of two, one of whose leases has ended")
			.doesNotContainNull();
		assertHeld(this.alice, attempts.get(0).hold());
		assertThat(this.bob.release(stale)).as("The release of the hold that has ended").isFalse();
	}

	@Test
	void manyAreNotWaitedFor() throws Exception {
		Hold held = take(this.bob, key("-a"));
		List<LockAttempt> attempts = List.of(waitingAttempt(key("-a")), waitingAttempt(key("-b")));
		Background<List<@Nullable Grant>> request = Background.call(() -> this.alice.acquireFree(attempts));
		assertThat(request.get("A request for many does not wait", patience()).get(0)).as("The grant of what is held")
			.isNull();
		assertHeld(this.alice, attempts.get(1).hold());
		this.bob.release(held);
		assertFreeAndUnused(key("-a"));
	}

	@Test
	void takingManyAgainWithTheSameOwnersIsGrantedAgain() throws Exception {
		List<LockAttempt> attempts = attempts("-a", "-b", "-c");
		List<@Nullable Grant> first = this.alice.acquireFree(attempts.subList(0, 2));
		List<@Nullable Grant> second = this.alice.acquireFree(attempts);
		assertThat(second).as("The grants of the repeated attempts, and of one more").doesNotContainNull();
		for (int i = 0; i < 2; i++) {
			assertThat(granted(second, i).token()).as("The token of the repeated attempt")
				.isGreaterThanOrEqualTo(granted(first, i).token());
			assertHeld(this.alice, attempts.get(i).hold());
		}
		Set<Hold> holds = holds(attempts);
		assertThat(this.alice.releaseAll(holds)).as("What the one release releases").isEqualTo(holds);
		assertFreeAndUnused(key("-a"));
	}

	@Test
	void tokensRiseFromManyToMany() throws Exception {
		long[] last = new long[2];
		for (int round = 0; round < 4; round++) {
			LockDriver client = (round % 2 == 0) ? this.alice : this.bob;
			List<LockAttempt> attempts = attempts("-a", "-b");
			List<@Nullable Grant> grants = client.acquireFree(attempts);
			for (int i = 0; i < 2; i++) {
				assertThat(granted(grants, i).token()).as("The token of round %s, after %s", round, last[i])
					.isGreaterThan(last[i])
					.isLessThan(1L << 53);
				last[i] = granted(grants, i).token();
			}
			client.releaseAll(holds(attempts));
			LockAttempt single = attempt(attempts.get(round % 2).key());
			last[round % 2] = take(client, single).token();
			client.release(single.hold());
		}
	}

	@Test
	void theStoreKeepsManyForAsLongAsTheirHolderReliesOnThem() throws Exception {
		List<LockAttempt> attempts = attempts("-a", "-b");
		List<@Nullable Grant> grants = this.alice.acquireFree(attempts);
		for (int i = 0; i < 2; i++) {
			Duration relied = granted(grants, i).validUntil().remaining();
			assertThat(relied).as("How long the holder relies on %s", attempts.get(i).key())
				.isPositive()
				.isLessThanOrEqualTo(record(this.bob, attempts.get(i).key()).remaining().plusMillis(1));
		}
	}

	@Test
	void veryManyAreTakenAndReleased() throws Exception {
		List<LockAttempt> attempts = new ArrayList<>();
		for (int i = 0; i < VERY_MANY; i++) {
			attempts.add(attempt(key("-" + i)));
		}
		Hold held = take(this.bob, key("-" + (VERY_MANY - 1)));
		List<@Nullable Grant> grants = this.alice.acquireFree(attempts);
		assertThat(grants).as("The grants of %s, of which the last one is held", VERY_MANY).hasSize(VERY_MANY);
		assertThat(Collections.frequency(grants, null)).as("How many were refused").isEqualTo(1);
		assertThat(grants.get(VERY_MANY - 1)).as("The grant of the one that is held").isNull();
		assertHeld(this.alice, attempts.get(VERY_MANY - 2).hold());
		Set<Hold> ours = holds(attempts.subList(0, VERY_MANY - 1));
		assertThat(this.alice.releaseAll(holds(attempts))).as("What is released of %s", VERY_MANY).isEqualTo(ours);
		assertHeld(this.bob, held);
		assertFreeAndUnused(key("-0"));
		assertFreeAndUnused(key("-" + (VERY_MANY - 2)));
	}

	@Test
	void aReleaseOfManyReturnsThoseThatWereOursAndLeavesSuccessorsAlone() throws Exception {
		Hold ours = take(this.alice, key("-a"));
		Hold released = take(this.alice, key("-b"));
		this.alice.release(released);
		Hold succeeded = take(this.alice, key("-c"));
		endAlone(succeeded.key());
		Hold successor = take(this.bob, key("-c"));
		Hold neverTaken = attempt(key("-e")).hold();
		Hold alsoOurs = take(this.alice, key("-f"));
		assertThat(this.alice.releaseAll(List.of(alsoOurs, released, succeeded, neverTaken, ours)))
			.as("What a release of five releases, of which two are held")
			.containsExactlyInAnyOrder(ours, alsoOurs);
		assertHeld(this.bob, successor);
		assertFreeAndUnused(ours.key());
		assertFreeAndUnused(alsoOurs.key());
	}

	@Test
	void aReleaseOfManyWakesTheWaiterOfEach() throws Exception {
		Set<Hold> holds = Set.of(take(this.alice, key("-a")), take(this.alice, key("-b")), take(this.alice, key("-c")));
		Background<Grant> first = waitFor(this.bob, waitingAttempt(key("-a"))).isWaiting("A waiter waits");
		Background<Grant> last = waitFor(newClient(), waitingAttempt(key("-c"))).isWaiting("Another waiter waits");
		assertThat(this.alice.releaseAll(holds)).as("What is released").isEqualTo(holds);
		served("A waiter is served by a release of many", first);
		served("The waiter of another key is, too", last);
	}

	@Test
	void requestsForManyInAnyOrderDoNotBlockEachOther() {
		List<String> suffixes = List.of("-a", "-b", "-c", "-d", "-e", "-f");
		List<Background<?>> threads = new ArrayList<>();
		for (LockDriver client : List.of(this.alice, this.bob, this.alice, this.bob)) {
			List<String> shuffled = new ArrayList<>(suffixes);
			Collections.shuffle(shuffled);
			threads.add(Background.call(() -> {
				for (int round = 0; round < 20; round++) {
					List<LockAttempt> attempts = attempts(shuffled.toArray(String[]::new));
					List<@Nullable Grant> grants = client.acquireFree(attempts);
					Set<Hold> granted = new HashSet<>();
					for (int i = 0; i < grants.size(); i++) {
						if (grants.get(i) != null) {
							granted.add(attempts.get(i).hold());
						}
					}
					assertThat(client.releaseAll(granted)).as("What is released of what was granted")
						.isEqualTo(granted);
				}
				return true;
			}));
		}
		Deadline end = Deadline.in(patience());
		threads.forEach((thread) -> thread.get("All requests are answered", end.remaining().plusMillis(1)));
	}

	private List<LockAttempt> attempts(String... suffixes) {
		List<LockAttempt> attempts = new ArrayList<>();
		for (String suffix : suffixes) {
			attempts.add(attempt(key(suffix)));
		}
		return attempts;
	}

	private static Set<Hold> holds(List<LockAttempt> attempts) {
		Set<Hold> holds = new HashSet<>();
		attempts.forEach((attempt) -> holds.add(attempt.hold()));
		return holds;
	}

	private static Grant granted(List<@Nullable Grant> grants, int index) {
		Grant grant = grants.get(index);
		if (grant == null) {
			throw new AssertionError("Expected the attempt at index " + index + " to be granted, of " + grants);
		}
		return grant;
	}

}
