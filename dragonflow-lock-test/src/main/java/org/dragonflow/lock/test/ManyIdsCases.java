package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockUnavailableException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Requests for many ids by instances that want the same ones: all or nothing, and nobody
 * waits for somebody who waits for him.
 */
abstract class ManyIdsCases extends EngineTellingCases {

	private static final int ROUNDS = 8;

	@Test
	void whoWaitsForOneOfManyHoldsNoneThatComesAfterIt() throws Exception {
		two().lock().lock(id("-b"));
		Background<LockHandle> waiter = Background.call(() -> one().lock().acquire(request("-a", "-b", "-c")))
			.isWaiting("A request waits for one of three");
		assertRefused(this.bob, key("-a"));
		Background<?> passing = Background.call(() -> {
			two().lock().lock(id("-c"));
			two().lock().unlock(id("-c"));
			return true;
		});
		passing.get("The last one of the three is free meanwhile", patience());
		two().lock().unlock(id("-b"));
		LockHandle handle = waiter.get("The request gets all three", patience());
		assertThat(handle.isHeld()).as("Whether all three are held").isTrue();
		assertRefused(this.bob, key("-c"));
		handle.close();
		assertAllAreFree();
	}

	@Test
	void ofManyIdsTheOneThatIsHeldIsNamed() throws Exception {
		two().lock().lock(id("-b"));
		assertThatExceptionOfType(LockUnavailableException.class).as("A request that is not to wait")
			.isThrownBy(() -> one().lock().acquire(request("-a", "-b", "-c").withWait(Duration.ZERO)))
			.satisfies((ex) -> assertThat(ex.getObjectId()).as("The id that it names").isEqualTo(id("-b")));
		assertThat(one().lock().tryLock(request("-a", "-b", "-c").withWait(Duration.ofMillis(200))))
			.as("A request that is to wait for a while")
			.isFalse();
		two().lock().unlock(id("-b"));
		assertAllAreFree();
	}

	@Test
	void requestsForOverlappingIdsExcludeEachOtherAndNeverBlockForGood() throws Exception {
		Map<String, Thread> holders = new ConcurrentHashMap<>();
		List<Background<?>> threads = new ArrayList<>();
		for (Instance instance : List.of(one(), two())) {
			for (String[] suffixes : List.of(suffixes("-a", "-b"), suffixes("-b", "-c"), suffixes("-a", "-c"))) {
				threads.add(Background.call(() -> {
					for (int i = 0; i < ROUNDS; i++) {
						try (LockHandle handle = instance.lock().acquire(request(suffixes))) {
							assertAlone(holders, handle.objectIds());
						}
					}
					return true;
				}));
			}
			threads.add(Background.call(() -> {
				for (int i = 0; i < ROUNDS; i++) {
					instance.lock()
						.run(id("-a"), () -> instance.lock()
							.run(id("-b"), () -> instance.lock()
								.run(id("-c"), () -> assertAlone(holders, List.of(id("-a"), id("-b"), id("-c"))))));
				}
				return true;
			}));
		}
		for (Background<?> thread : threads) {
			thread.get("Each thread gets all its locks", patience().multipliedBy(2));
		}
		assertAllAreFree();
	}

	@Test
	void anEndedLeaseOfOneOfManyIsToldAndTheOthersAreReleased() throws Exception {
		LockHandle handle = one().lock().acquire(request("-a", "-b", "-c"));
		endAlone(key("-b"));
		take(this.bob, key("-b"));
		assertThatExceptionOfType(LockLostException.class).as("The close of a handle that has lost one of three")
			.isThrownBy(handle::close)
			.satisfies((ex) -> assertThat(ex.getObjectId()).as("The id that it names").isEqualTo(id("-b")));
		assertFreeAndUnused(key("-a"));
		assertFreeAndUnused(key("-c"));
		assertRefused(this.alice, key("-b"));
	}

	private static void assertAlone(Map<String, Thread> holders, Iterable<String> ids) {
		for (String id : ids) {
			assertThat(holders.putIfAbsent(id, Thread.currentThread())).as("Who else holds %s", id).isNull();
		}
		// Long enough that whoever is let in beside this one meets it.
		LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
		for (String id : ids) {
			holders.remove(id);
		}
	}

	private void assertAllAreFree() throws InterruptedException {
		assertFreeAndUnused(key("-a"));
		assertFreeAndUnused(key("-b"));
		assertFreeAndUnused(key("-c"));
	}

	private LockRequest request(String... suffixes) {
		return LockRequest.of(List.of(suffixes).stream().map(this::id).toList());
	}

	private static String[] suffixes(String... suffixes) {
		return suffixes;
	}

	private String id(String suffix) {
		return this.objectId + suffix;
	}

}
