package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Set;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One client holds, another would like to: taking, refusing, renewing, releasing, looking
 * and breaking.
 */
abstract class HoldCases extends ContractBase {

	@Test
	void aFreeLockIsGranted() throws Exception {
		Hold hold = take(this.alice, this.key);
		assertHeld(this.alice, hold);
	}

	@Test
	void aRefusedTryReturnsAtOnceAndLeavesTheHolderAlone() throws Exception {
		LockAttempt attempt = attempt(this.key);
		Grant grant = take(this.alice, attempt);
		Background<?> tried = Background.call(() -> this.bob.acquire(attempt(this.key)));
		assertThat(tried.get("A single try returns at once", patience())).as("A try for a held lock").isNull();
		LockRecord record = record(this.bob, this.key);
		assertThat(record.token()).as("The holder's token after another's try").isEqualTo(grant.token());
		assertHeld(this.alice, attempt.hold());
	}

	@Test
	void aTryByTheSameClientForAnotherHoldIsRefusedToo() throws Exception {
		Hold hold = take(this.alice, this.key);
		assertRefused(this.alice, this.key);
		assertHeld(this.alice, hold);
	}

	@Test
	void aReleaseLetsAnotherIn() throws Exception {
		Hold hold = take(this.alice, this.key);
		assertThat(this.alice.release(hold)).as("The release of a hold").isTrue();
		Hold next = take(this.bob, this.key);
		assertHeld(this.bob, next);
	}

	@Test
	void aSecondReleaseReturnsFalse() throws Exception {
		Hold hold = take(this.alice, this.key);
		assertThat(this.alice.release(hold)).as("The first release").isTrue();
		assertThat(this.alice.release(hold)).as("The second release").isFalse();
		assertFreeAndUnused(this.key);
	}

	@Test
	void aReleaseOfWhatWasNeverTakenReturnsFalseAndLeavesNothing() throws Exception {
		assertThat(this.alice.release(attempt(this.key).hold())).as("The release of a free lock").isFalse();
		assertFreeAndUnused(this.key);
	}

	@Test
	void aReleaseByAnotherOwnerReturnsFalseAndChangesNothing() throws Exception {
		Hold hold = take(this.alice, this.key);
		Hold stranger = attempt(this.key).hold();
		assertThat(this.bob.release(stranger)).as("The release by another client's owner").isFalse();
		assertThat(this.alice.release(stranger)).as("The release by another owner of the same client").isFalse();
		assertHeld(this.alice, hold);
	}

	@Test
	void aLeaseThatEndedLetsAnotherIn() throws Exception {
		take(this.alice, this.key);
		endLease(this.key);
		Hold next = take(this.bob, this.key);
		assertHeld(this.bob, next);
	}

	@Test
	void aLeaseEndsByItselfButNotBeforeItsHolderKnows() throws Exception {
		Grant grant = take(this.alice, attempt(this.key, shortLease(), Duration.ZERO));
		await("Another gets the lock once its lease has ended").atMost(shortLease().plus(patience()))
			.until(() -> this.bob.acquire(attempt(this.key)) != null);
		assertThat(grant.validUntil().hasPassed())
			.as("Whether the first holder's deadline, %s, has passed by then", grant.validUntil())
			.isTrue();
	}

	@Test
	void aStaleReleaseLeavesTheSuccessorAlone() throws Exception {
		Hold stale = take(this.alice, this.key);
		endLease(this.key);
		Hold successor = take(this.bob, this.key);
		assertThat(this.alice.release(stale)).as("The release of a hold that another has succeeded").isFalse();
		assertHeld(this.bob, successor);
		assertRefused(this.alice, this.key);
	}

	@Test
	void aStaleRenewalLeavesTheSuccessorAlone() throws Exception {
		Hold stale = take(this.alice, this.key);
		endLease(this.key);
		Hold successor = take(this.bob, this.key);
		assertThat(this.alice.renew(Set.of(stale), LONG_LEASE).lost()).as("What a stale renewal finds lost")
			.containsExactly(stale);
		assertHeld(this.bob, successor);
	}

	@Test
	void aRenewalAfterTheReleaseDoesNotBringTheHoldBack() throws Exception {
		Hold hold = take(this.alice, this.key);
		this.alice.release(hold);
		assertThat(this.alice.renew(Set.of(hold), LONG_LEASE).lost()).as("What a renewal after the release finds lost")
			.containsExactly(hold);
		assertFreeAndUnused(this.key);
	}

	@Test
	void aRenewalAfterTheLeaseDoesNotBringTheHoldBack() throws Exception {
		Hold hold = take(this.alice, this.key);
		endLease(this.key);
		assertThat(this.alice.renew(Set.of(hold), LONG_LEASE).lost()).as("What a renewal after the lease finds lost")
			.containsExactly(hold);
		assertFreeAndUnused(this.key);
	}

	@Test
	void aRenewedHoldOutlivesItsFirstLease() throws Exception {
		LockAttempt attempt = attempt(this.key, shortLease(), Duration.ZERO);
		take(this.alice, attempt);
		Deadline severalLeases = Deadline.in(shortLease().multipliedBy(5).dividedBy(2));
		await("Several leases pass").pollInterval(shortLease().dividedBy(4))
			.atMost(shortLease().multipliedBy(3).plus(patience()))
			.until(() -> {
				Renewal renewal = this.alice.renew(Set.of(attempt.hold()), shortLease());
				assertThat(renewal.lost()).as("What a renewal in time finds lost").isEmpty();
				assertRefused(this.bob, this.key);
				return severalLeases.hasPassed();
			});
		assertThat(this.alice.release(attempt.hold())).as("The release of the renewed hold").isTrue();
	}

	@Test
	void acquiringAgainWithTheSameOwnerIsGrantedAgain() throws Exception {
		LockAttempt attempt = attempt(this.key);
		Grant first = take(this.alice, attempt);
		Grant second = take(this.alice, attempt);
		assertThat(second.token()).as("The token of the repeated attempt").isGreaterThanOrEqualTo(first.token());
		assertHeld(this.alice, attempt.hold());
		assertThat(this.alice.release(attempt.hold())).as("The one release").isTrue();
		assertFreeAndUnused(this.key);
	}

	@Test
	void acquiringAgainStartsTheLeaseAnew() throws Exception {
		LockAttempt attempt = attempt(this.key, shortLease(), Duration.ZERO);
		take(this.alice, attempt);
		Grant second = take(this.alice, new LockAttempt(this.key, attempt.owner(), LONG_LEASE, Deadline.NEVER));
		// Longer than the holder may rely on the first lease: until the store has ended
		// it.
		Deadline firstLeaseEnd = Deadline.in(shortLease().plus(shortLease().dividedBy(10)));
		await("The first lease ends").atMost(shortLease().plus(patience())).until(firstLeaseEnd::hasPassed);
		assertThat(second.validUntil().hasPassed()).as("Whether the second lease has ended with the first").isFalse();
		assertHeld(this.alice, attempt.hold());
	}

	@Test
	void theStoreKeepsTheRecordForAsLongAsTheHolderReliesOnIt() throws Exception {
		LockAttempt attempt = attempt(this.key);
		Grant grant = take(this.alice, attempt);
		assertKept(this.key, grant.validUntil());
		Deadline renewed = this.alice.renew(Set.of(attempt.hold()), LONG_LEASE).renewed().get(attempt.hold());
		assertThat(renewed).as("Until when the hold is renewed").isNotNull();
		assertKept(this.key, renewed);
	}

	@Test
	void aLookTellsWhoHoldsTheLock() throws Exception {
		LockAttempt attempt = attempt(this.key);
		assertThat(this.bob.look(this.key)).as("The record of a lock that was never taken").isNull();
		Grant grant = take(this.alice, attempt);
		LockRecord record = record(this.bob, this.key);
		assertThat(record.hold()).as("The record's hold").isEqualTo(attempt.hold());
		assertThat(record.token()).as("The record's token").isEqualTo(grant.token());
		assertThat(record.age()).as("The record's age").isBetween(Duration.ZERO, patience());
		assertThat(record.remaining()).as("The record's time left").isPositive();
		await("The record gets older").atMost(patience()).until(() -> {
			LockRecord later = this.bob.look(this.key);
			return later != null && later.age().compareTo(record.age()) > 0;
		});
		endLease(this.key);
		assertThat(this.bob.look(this.key)).as("The record after the end of the lease").isNull();
	}

	@Test
	void aHoldThatIsBrokenIsFoundLostByItsHolder() throws Exception {
		Hold hold = take(this.alice, this.key);
		LockRecord record = record(this.bob, this.key);
		assertThat(this.bob.breakHold(record.hold())).as("Whether there was a hold to break").isTrue();
		assertThat(this.bob.look(this.key)).as("The record of a broken hold").isNull();
		assertLost(this.alice, Set.of(hold), hold);
		assertFreeAndUnused(this.key);
	}

	@Test
	void aStaleBreakLeavesTheSuccessorAlone() throws Exception {
		Hold stale = take(this.alice, this.key);
		this.alice.release(stale);
		Hold successor = take(this.alice, this.key);
		assertThat(this.bob.breakHold(stale)).as("The break of a hold that another has succeeded").isFalse();
		assertHeld(this.alice, successor);
	}

}
