package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * The contract kit for a driver over a lock registry, which can do less than a driver of
 * a store. A case that is overridden without being a test does not apply, for the reason
 * above it; where a part of it applies, the part is a test here.
 */
abstract class LockRegistryContract extends LockDriverContract {

	// Registries have no fencing tokens.

	@Override
	void tokensRiseThroughReleases() {
	}

	@Override
	void tokensRiseThroughEndsOfLeases() {
	}

	@Override
	void tokensRiseThroughEndsOfLeasesThatAreReleasedLate() {
	}

	@Override
	void tokensRiseThroughBreaks() {
	}

	@Override
	void aRenewalKeepsTheToken() {
	}

	@Override
	void tokensRiseFromInstanceToInstance() {
	}

	@Override
	void tokensRiseFromManyToMany() {
	}

	@Override
	void underLoadHoldsNeverOverlapAndTokensRise() {
	}

	@Test
	void thereIsNoFencingTokenAndAskingForOneSaysWhy() throws Exception {
		try (LockHandle handle = one().lock().acquire(LockRequest.of(this.objectId))) {
			assertThatIllegalStateException().as("The token of a single id")
				.isThrownBy(handle::fencingToken)
				.withMessageContaining("'" + this.objectId + "'")
				.withMessageContaining("the driver in use mints none")
				.withMessageContaining("dragonflow.lock.driver");
			assertThatIllegalStateException().as("The token of a named id")
				.isThrownBy(() -> handle.fencingToken(this.objectId))
				.withMessageContaining("mints none");
		}
	}

	@Test
	@Override
	void aWaiterIsWokenByARelease() throws Exception {
		Hold holder = take(this.alice, this.key);
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> waiter = waitFor(this.bob, attempt).isWaiting("A waiter waits for the holder");
		this.alice.release(holder);
		served("A waiter is served by the release, not by the end of the lease", waiter);
		assertHeld(this.bob, attempt.hold());
		assertRefused(this.alice, this.key);
	}

	@Test
	@Override
	void aWaiterIsServedWhenTheHoldersLeaseEnds() throws Exception {
		Grant first = take(this.alice, attempt(this.key, shortLease(), Duration.ZERO));
		LockAttempt attempt = waitingAttempt(this.key);
		Background<Grant> waiter = waitFor(this.bob, attempt);
		waiter.get("A waiter is served by the end of the lease alone", shortLease().plus(patience()));
		assertThat(first.validUntil().hasPassed()).as("Whether the first holder's deadline has passed by then")
			.isTrue();
		assertHeld(this.bob, attempt.hold());
	}

	@Test
	@Override
	void aThreadLocksAgainAndKeepsTheToken() throws Exception {
		one().lock().lock(this.objectId);
		one().lock().lock(this.objectId, false);
		one().lock().unlock(this.objectId);
		assertThat(one().held(this.objectId).isHeld()).as("Whether the outer hold goes on").isTrue();
		assertRefused(this.bob, this.key);
		one().lock().unlock(this.objectId);
		assertThat(one().lock().held(this.objectId)).as("The hold after the last unlock").isNull();
		assertFreeAndUnused(this.key);
	}

	@Test
	@Override
	void threadsOfOneInstanceExcludeEachOther() {
		assertNoUpdateIsLost(List.of(one(), one(), one()));
	}

	@Test
	@Override
	void noUpdateIsLostBetweenInstances() {
		assertNoUpdateIsLost(List.of(one(), two(), one(), two()));
	}

	private void assertNoUpdateIsLost(List<Instance> instances) {
		AtomicLong counter = new AtomicLong();
		AtomicInteger inside = new AtomicInteger();
		List<Background<?>> threads = new ArrayList<>();
		for (Instance instance : instances) {
			threads.add(Background.call(() -> {
				for (int i = 0; i < 10; i++) {
					instance.lock().run(this.objectId, () -> {
						assertThat(inside.incrementAndGet()).as("How many are inside").isOne();
						long read = counter.get();
						Thread.yield();
						counter.set(read + 1);
						inside.decrementAndGet();
					});
				}
				return true;
			}));
		}
		for (Background<?> thread : threads) {
			thread.get("Each thread makes its updates", patience().multipliedBy(2));
		}
		assertThat(counter).as("The sum of all updates").hasValue(instances.size() * 10L);
	}

	// Only the client that has a hold can look at it.

	@Override
	void aLookTellsWhoHoldsTheLock() {
	}

	@Override
	void theStoreKeepsManyForAsLongAsTheirHolderReliesOnThem() {
	}

	@Test
	@Override
	void ofManyTheFreeOnesAreGrantedAndTheHeldOnesLeftAlone() throws Exception {
		Hold held = take(this.bob, key("-b"));
		LockAttempt free = attempt(key("-a"));
		assertThat(this.alice.acquireFree(List.of(free, attempt(held.key()))))
			.as("The grants of two, of which the second is held")
			.element(1)
			.isNull();
		assertHeld(this.alice, free.hold());
		assertHeld(this.bob, held);
	}

	@Override
	void theStoreKeepsTheRecordForAsLongAsTheHolderReliesOnIt() {
	}

	@Test
	@Override
	void aRefusedTryReturnsAtOnceAndLeavesTheHolderAlone() throws Exception {
		Hold hold = take(this.alice, this.key);
		Background<?> tried = Background.call(() -> this.bob.acquire(attempt(this.key)));
		assertThat(tried.get("A single try returns at once", patience())).as("A try for a held lock").isNull();
		assertHeld(this.alice, hold);
	}

	@Test
	@Override
	void whoDoesNotHoldTheLockCannotUnlockIt() throws Exception {
		two().lock().lock(this.objectId);
		for (Instance stranger : List.of(one(), two())) {
			assertThat(Background.call(() -> {
				stranger.lock().unlock(this.objectId);
				return true;
			}).failure("Who does not hold the lock is refused", patience()))
				.isInstanceOf(IllegalMonitorStateException.class);
		}
		assertRefused(this.bob, this.key);
		two().lock().unlock(this.objectId);
		assertFreeAndUnused(this.key);
	}

	// Only the client that has a hold can break it.

	@Override
	void aHoldThatIsBrokenIsFoundLostByItsHolder() {
	}

	@Override
	void aHoldThatWasBrokenIsTold() {
	}

	@Override
	void aWaiterIsWokenByABreak() {
	}

	@Test
	@Override
	void aRenewalOfManyHoldsNamesExactlyTheLostOnes() throws Exception {
		Hold kept = take(this.alice, key("-kept"));
		Hold released = take(this.alice, key("-released"));
		Hold ended = take(this.alice, key("-ended"));
		this.alice.release(released);
		endLease(ended.key());
		assertThat(this.alice.renew(List.of(kept, released, ended), LONG_LEASE).lost())
			.as("What a renewal of three holds finds lost")
			.containsExactlyInAnyOrder(released, ended);
		assertHeld(this.alice, kept);
	}

	@Test
	void aLossIsToldWithoutAToken() throws Exception {
		Instance holder = start(shortLease(), null);
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		endLease(this.key);
		await("The loss is told").atMost(shortLease().plus(patience())).until(() -> !holder.events().isEmpty());
		assertThat(handle.isHeld()).as("Whether a lost handle holds").isFalse();
		assertThat(holder.events()).as("The event of the loss")
			.extracting(LockEvent::fencingToken)
			.containsExactly(Grant.NO_TOKEN);
	}

	// Nobody but the holder's own instance can break a hold.

	@Override
	void endAlone(LockKey key) throws Exception {
		endLease(key);
	}

	// Nobody but the holder's own instance knows of a hold.

	@Override
	void aRenewalAnswersForEachHoldWhateverHasBecomeOfTheOthers() {
	}

	@Override
	void aHandleThatWasClosedIsNotToldWhatBecomesOfTheHoldOfItsThread() {
	}

	@Override
	void aHoldThatIsAskedForBeforeItsHolderHasItIsTold() {
	}

	@Override
	void aLossBeforeTheCloseIsToldEvenIfNoThreadIsFreeUntilAfterIt() {
	}

	@Override
	void aHolderIsToldThatItsHoldIsAskedFor() throws Exception {
		Hold hold = take(this.alice, this.key);
		assertThat(this.bob.requestRevocation(hold)).as("Whether another client can ask").isFalse();
		assertHeld(this.alice, hold);
	}

	@Override
	void anInstanceTellsItsHolderOnceThatItsHoldIsAskedFor() throws Exception {
		one().lock().lock(this.objectId);
		assertThat(two().lock().requestRevocation(this.objectId)).as("Whether another instance can ask").isFalse();
		assertThat(one().lock().requestRevocation(this.objectId)).as("Whether its own instance can").isTrue();
		one().lock().unlock(this.objectId);
	}

	// Some of a hundred keys share a local lock in the registry.

	@Override
	void veryManyAreTakenAndReleased() {
	}

	@Override
	void idsThatStoresLikeToConfuseAreHeldAtTheSameTime() {
	}

}
