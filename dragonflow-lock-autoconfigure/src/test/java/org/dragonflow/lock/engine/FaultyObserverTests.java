package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dragonflow.lock.engine.ScriptedEngine.soon;

/**
 * An observer that was compiled against another version, or never returns: it harms only
 * itself.
 */
@Timeout(60)
class FaultyObserverTests {

	private static final Duration LEASE = Duration.ofSeconds(2);

	/**
	 * What an observer is told.
	 */
	enum Told {

		OPEN_SCOPE, CLOSE_SCOPE, WAIT_BEGAN, WAIT_ENDED, HOLD_BEGAN, HOLD_ENDED, STORE_FAILED

	}

	private final CountDownLatch end = new CountDownLatch(1);

	private final AtomicInteger reached = new AtomicInteger();

	private final RecordingObserver next = new RecordingObserver();

	private volatile @Nullable ScriptedEngine opened;

	@AfterEach
	void close() {
		this.end.countDown();
		ScriptedEngine fixture = this.opened;
		if (fixture != null) {
			fixture.close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void anObserverThatThrowsAnErrorHarmsNobody(Told where) {
		ScriptedEngine fixture = open(List.of(new Faulty(where, () -> {
			throw new NoSuchMethodError("compiled against another version");
		})));
		failOnce(fixture);
		fixture.engine.lock("net-1");
		assertThat(fixture.engine.held("net-1")).as("the hold of this thread").isNotNull();
		CompletableFuture<Boolean> waiter = waitsFor(fixture, "net-1");
		fixture.engine.unlock("net-1");
		assertThat(waiter).succeedsWithin(Duration.ofSeconds(20));
		assertCanBeLocked(fixture, "net-1");
		LockHandle lost = fixture.acquire("net-2");
		fixture.lose("net-2");
		assertThat(lost.isHeld()).isFalse();
		assertCanBeLocked(fixture, "net-2");
		soon("the faulty one was reached").until(() -> this.reached.get() > 0);
		soon("the next observer hears everything").untilAsserted(() -> {
			assertThat(this.next.events).filteredOn((event) -> event.startsWith("wants")).hasSize(5);
			assertThat(this.next.events).filteredOn((event) -> event.startsWith("ACQUIRED")).hasSize(5);
			assertThat(this.next.ended).hasSize(5).hasSameElementsAs(this.next.holds);
			assertThat(this.next.failures).containsExactly("ACQUIRE LockStoreException");
		});
		assertThat(this.next.events).contains("LOST net-2");
	}

	@Test
	void observersThatHangKeepNobody() {
		// Not those of a scope, which are the caller's own thread.
		List<LockObserver> hanging = Stream
			.of(Told.WAIT_BEGAN, Told.WAIT_ENDED, Told.HOLD_BEGAN, Told.HOLD_ENDED, Told.STORE_FAILED)
			.<LockObserver>map((where) -> new Faulty(where, () -> ScriptedEngine.hang(this.end)))
			.toList();
		ScriptedEngine fixture = open(hanging);
		failOnce(fixture);
		LockHandle kept = fixture.acquire("kept");
		fixture.acquire("lost-1");
		AtomicInteger told = new AtomicInteger();
		LockHandle second = fixture.acquire("lost-2");
		second.onLost(told::incrementAndGet);
		fixture.lose("lost-1");
		soon("all of them hang").until(() -> this.reached.get() == hanging.size());
		// Not told by the driver: the engine has to find out.
		fixture.driver.before = (call, objectIds) -> {
			if (call == Call.RENEW && objectIds.contains("lost-2")) {
				throw LockStoreException.refused("not this one", null);
			}
		};
		int before = fixture.driver.renewals.size();
		soon("a loss that is noticed").until(() -> told.get() == 1 && fixture.events.size() == 2);
		assertThat(second.isHeld()).isFalse();
		soon("renewals").until(() -> fixture.driver.renewals.size() > before + 2);
		assertThat(kept.isHeld()).as("what was not lost").isTrue();
		assertThat(fixture.events).extracting(LockEvent::objectId).containsExactly("lost-1", "lost-2");
		soon("the next observer hears everything")
			.untilAsserted(() -> assertThat(this.next.events).contains("LOST lost-1", "LOST lost-2"));
		kept.close();
		assertCanBeLocked(fixture, "kept");
		assertThat(this.end.getCount()).as("that it hangs still").isOne();
	}

	private ScriptedEngine open(List<LockObserver> faulty) {
		ScriptedEngine fixture = new ScriptedEngine(LEASE, (parts) -> {
			parts.observers = Stream.concat(faulty.stream(), Stream.of(this.next)).toList();
			parts.handOver = new HandOver(10, Duration.ofMinutes(1));
		});
		this.opened = fixture;
		return fixture;
	}

	/**
	 * The next attempt fails, and the one after that does not.
	 */
	private static void failOnce(ScriptedEngine fixture) {
		AtomicInteger attempts = new AtomicInteger();
		fixture.driver.before = (call, objectIds) -> {
			if (call == Call.ACQUIRE && attempts.getAndIncrement() == 0) {
				throw LockStoreException.unreachable("the request was lost", null);
			}
		};
	}

	private static CompletableFuture<Boolean> waitsFor(ScriptedEngine fixture, String objectId) {
		CompletableFuture<Boolean> waiter = ScriptedEngine.async(() -> {
			fixture.engine.lock(objectId);
			boolean owned = fixture.engine.held(objectId) != null;
			fixture.engine.unlock(objectId);
			return owned;
		});
		soon("a waiter").until(() -> fixture.engine.snapshot(objectId, 1).waitingCount() == 1);
		return waiter;
	}

	private static void assertCanBeLocked(ScriptedEngine fixture, String objectId) {
		assertThat(ScriptedEngine.async(() -> {
			fixture.engine.lock(objectId, true);
			fixture.engine.unlock(objectId);
			return true;
		})).as("that '%s' can be locked", objectId).succeedsWithin(Duration.ofSeconds(20));
	}

	/**
	 * Fails in one place.
	 */
	private final class Faulty implements LockObserver {

		private final Told where;

		private final Runnable fault;

		Faulty(Told where, Runnable fault) {
			this.where = where;
			this.fault = fault;
		}

		private void at(Told told) {
			if (told == this.where) {
				FaultyObserverTests.this.reached.incrementAndGet();
				this.fault.run();
			}
		}

		@Override
		public WaitScope openScope(LockWait wait) {
			at(Told.OPEN_SCOPE);
			return (outcome) -> at(Told.CLOSE_SCOPE);
		}

		@Override
		public void waitBegan(LockWait wait) {
			at(Told.WAIT_BEGAN);
		}

		@Override
		public void waitEnded(LockWait wait, WaitOutcome outcome) {
			at(Told.WAIT_ENDED);
		}

		@Override
		public void holdBegan(LockHold hold) {
			at(Told.HOLD_BEGAN);
		}

		@Override
		public void holdEnded(LockHold hold, HoldOutcome outcome) {
			at(Told.HOLD_ENDED);
		}

		@Override
		public void storeFailed(StoreCall call, RuntimeException failure) {
			at(Told.STORE_FAILED);
		}

	}

}
