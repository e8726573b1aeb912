package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.spi.LockRecord;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What applications see: two engines over the driver, as two instances of one
 * application.
 */
abstract class EngineCases extends EngineBase {

	@Test
	void instancesExcludeEachOther() throws Exception {
		one().lock().lock(this.objectId);
		assertThat(two().lock().tryLock(this.objectId, Duration.ZERO)).as("A try for what the other instance holds")
			.isFalse();
		assertThatExceptionOfType(LockUnavailableException.class).as("A lock() that is not to block")
			.isThrownBy(() -> two().lock().lock(this.objectId, false))
			.satisfies((ex) -> assertThat(ex.getObjectId()).as("Its object id").isEqualTo(this.objectId));
		Background<?> waiter = Background.call(() -> {
			two().lock().lock(this.objectId);
			two().lock().unlock(this.objectId);
			return true;
		}).isWaiting("A lock() that is to block waits");
		one().lock().unlock(this.objectId);
		waiter.get("The other instance gets the lock", patience());
		assertFreeAndUnused(this.key);
	}

	@Test
	void aThreadLocksAgainAndKeepsTheToken() throws Exception {
		one().lock().lock(this.objectId);
		long token = one().held(this.objectId).fencingToken();
		one().lock().lock(this.objectId, false);
		assertThat(one().held(this.objectId).fencingToken()).as("The token of the inner hold").isEqualTo(token);
		one().lock().unlock(this.objectId);
		assertThat(one().held(this.objectId).isHeld()).as("Whether the outer hold goes on").isTrue();
		assertRefused(this.bob, this.key);
		one().lock().unlock(this.objectId);
		assertThat(one().lock().held(this.objectId)).as("The hold after the last unlock").isNull();
		assertFreeAndUnused(this.key);
	}

	@Test
	void threadsOfOneInstanceExcludeEachOther() throws Exception {
		one().lock().lock(this.objectId);
		Background<Boolean> tried = Background.call(() -> one().lock().tryLock(this.objectId, Duration.ZERO));
		assertThat(tried.get("A try does not wait", patience())).as("A try for what another thread holds").isFalse();
		long token = one().held(this.objectId).fencingToken();
		Background<Long> waiter = Background.call(() -> {
			one().lock().lock(this.objectId);
			long own = one().held(this.objectId).fencingToken();
			one().lock().unlock(this.objectId);
			return own;
		}).isWaiting("Another thread waits");
		one().lock().unlock(this.objectId);
		assertThat(waiter.get("The other thread gets the lock", patience())).as("The other thread's token")
			.isGreaterThan(token);
	}

	@Test
	void whoDoesNotHoldTheLockCannotUnlockIt() throws Exception {
		assertUnlockIsRefused(one(), "that never locked");
		two().lock().lock(this.objectId);
		LockRecord record = record(this.bob, this.key);
		assertUnlockIsRefused(one(), "of another instance");
		Background.call(() -> {
			assertUnlockIsRefused(two(), "of another thread");
			return true;
		}).get("Another thread is refused", patience());
		assertThat(record(this.bob, this.key).hold()).as("The holder's record").isEqualTo(record.hold());
		two().lock().unlock(this.objectId);
		assertUnlockIsRefused(two(), "that has unlocked already");
	}

	private void assertUnlockIsRefused(Instance instance, String who) {
		assertThatExceptionOfType(IllegalMonitorStateException.class).as("An unlock %s", who)
			.isThrownBy(() -> instance.lock().unlock(this.objectId));
	}

	@Test
	void lockWaitsThroughAnInterruptAndRestoresTheFlag() throws Exception {
		one().lock().lock(this.objectId);
		Background<Boolean> waiter = Background.call(() -> {
			two().lock().lock(this.objectId);
			boolean interrupted = Thread.currentThread().isInterrupted();
			two().lock().unlock(this.objectId);
			return interrupted;
		}).isWaiting("A thread waits");
		waiter.interrupt();
		waiter.isWaiting("An interrupt does not end lock()");
		one().lock().unlock(this.objectId);
		assertThat(waiter.get("The interrupted thread gets the lock", patience())).as("The thread's flag after lock()")
			.isTrue();
		assertFreeAndUnused(this.key);
	}

	@Test
	void aTimedWaitEndsByAnInterruptAndLeavesNothing() throws Exception {
		one().lock().lock(this.objectId);
		Background<?> thread = Background.call(() -> two().lock().tryLock(this.objectId, LONG_LEASE))
			.isWaiting("A thread waits");
		thread.interrupt();
		assertThat(thread.failure("An interrupt ends tryLock()", patience())).as("What tryLock() throws")
			.isInstanceOf(InterruptedException.class);
		Background<?> handle = Background.call(() -> two().lock().acquire(LockRequest.of(this.objectId)))
			.isWaiting("A thread waits");
		handle.interrupt();
		assertThat(handle.failure("An interrupt ends acquire()", patience())).as("What acquire() throws")
			.isInstanceOf(InterruptedException.class);
		one().lock().unlock(this.objectId);
		assertFreeAndUnused(this.key);
	}

	@Test
	void aHandleIsClosedByAnyThreadAndOnlyOnce() throws Exception {
		LockHandle handle = one().lock().acquire(LockRequest.of(this.objectId));
		assertThat(handle.isHeld()).as("Whether the handle holds").isTrue();
		Background.call(() -> {
			handle.close();
			return true;
		}).get("Another thread closes the handle", patience());
		assertThat(handle.isHeld()).as("Whether the closed handle holds").isFalse();
		LockHandle next = two().lock().acquire(LockRequest.of(this.objectId));
		handle.close();
		assertThat(next.isHeld()).as("Whether a second close leaves the next holder alone").isTrue();
		assertRefused(this.bob, this.key);
		next.close();
	}

	@Test
	void manyIdsAreTakenAllOrNone() throws Exception {
		List<String> ids = List.of(this.objectId + "-c", this.objectId + "-a", this.objectId + "-b");
		LockRequest request = LockRequest.of(ids);
		two().lock().lock(this.objectId + "-b");
		assertThatExceptionOfType(LockUnavailableException.class).as("A request for three ids of which one is held")
			.isThrownBy(() -> one().lock().acquire(request.withWait(Duration.ZERO)));
		assertFreeAndUnused(key("-a"));
		assertFreeAndUnused(key("-c"));
		two().lock().unlock(this.objectId + "-b");
		try (LockHandle handle = one().lock().acquire(request)) {
			assertThat(handle.objectIds()).as("What the handle holds").containsExactlyInAnyOrderElementsOf(ids);
			assertRefused(this.bob, key("-a"));
			assertRefused(this.bob, key("-b"));
			assertRefused(this.bob, key("-c"));
		}
		assertFreeAndUnused(key("-b"));
	}

	@Test
	void requestsForTheSameIdsNeverBlockEachOtherForGood() {
		List<Background<?>> threads = new ArrayList<>();
		for (Instance instance : List.of(one(), two())) {
			for (List<String> suffixes : List.of(List.of("-a", "-b", "-c"), List.of("-c", "-b"), List.of("-b", "-a"))) {
				LockRequest request = LockRequest.of(suffixes.stream().map(this.objectId::concat).toList());
				threads.add(Background.call(() -> {
					for (int i = 0; i < 5; i++) {
						instance.lock().acquire(request).close();
					}
					return true;
				}));
			}
		}
		for (Background<?> thread : threads) {
			thread.get("Each thread gets all its locks", patience());
		}
	}

	@Test
	void tokensRiseFromInstanceToInstance() {
		long last = 0;
		for (int round = 0; round < 6; round++) {
			Instance instance = (round % 2 == 0) ? one() : two();
			instance.lock().lock(this.objectId);
			long token = instance.held(this.objectId).fencingToken();
			instance.lock().unlock(this.objectId);
			assertThat(token).as("The token of round %s", round).isGreaterThan(last);
			last = token;
		}
	}

	@Test
	void noUpdateIsLostBetweenInstances() {
		// Read and written in separate steps: only the lock keeps the updates apart.
		AtomicLong counter = new AtomicLong();
		AtomicLong highestToken = new AtomicLong();
		List<Background<?>> threads = new ArrayList<>();
		for (Instance instance : List.of(one(), two(), one(), two())) {
			threads.add(Background.call(() -> {
				for (int i = 0; i < 10; i++) {
					instance.lock().run(this.objectId, () -> {
						long token = instance.held(this.objectId).fencingToken();
						assertThat(token).as("The token of a later write").isGreaterThan(highestToken.get());
						highestToken.set(token);
						long read = counter.get();
						Thread.yield();
						counter.set(read + 1);
					});
				}
				return true;
			}));
		}
		for (Background<?> thread : threads) {
			thread.get("Each thread makes its updates", patience().multipliedBy(2));
		}
		assertThat(counter).as("The sum of all updates").hasValue(40);
	}

}
