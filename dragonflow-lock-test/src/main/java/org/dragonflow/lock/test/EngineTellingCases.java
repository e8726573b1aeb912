package org.dragonflow.lock.test;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockRevocationEvent;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.StoredHold;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Who is told of what happens to a hold, at the moments at which that is easily missed;
 * and who is not.
 */
abstract class EngineTellingCases extends EngineLossCases {

	private static final int MANY = 10_000;

	@Test
	void aThreadThatEndsWithoutUnlockingHasLostItsHold() {
		Instance holder = start(engineLease(), null);
		AtomicInteger losses = new AtomicInteger();
		LockHandle handle = Background.call(() -> {
			LockHandle taken = holder.lock().lock(LockRequest.of(this.objectId));
			taken.onLost(losses::incrementAndGet);
			return taken;
		}).get("A thread locks, and ends", patience());
		Background<Grant> waiter = waitFor(this.bob, waitingAttempt(this.key));
		assertToldOnce(holder, handle, losses);
		served("Another gets what nobody can release any more", waiter);
	}

	@Test
	void aHoldThatIsBrokenBeforeItsHolderHasItIsTold() throws Exception {
		Instance holder = startDisturbed((engine) -> {
			StoredHold found = engine.look(this.objectId);
			assertThat(found).as("What the store has of a hold that its holder has not heard of").isNotNull();
			assertThat(engine.breakHold(this.objectId, found.owner())).as("Whether there was a hold to break").isTrue();
		});
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		assertThat(handle.isHeld()).as("Whether a handle holds that was broken before it was there").isFalse();
		assertToldOnce(holder, handle, Instance.countLosses(handle));
		assertThatExceptionOfType(LockLostException.class).as("The close of a lost handle").isThrownBy(handle::close);
		two().lock().lock(this.objectId, false);
		two().lock().unlock(this.objectId);
	}

	@Test
	void aHoldThatIsAskedForBeforeItsHolderHasItIsTold() throws Exception {
		Instance holder = startDisturbed(
				(engine) -> assertThat(engine.requestRevocation(this.objectId)).as("Whether there was a holder to ask")
					.isTrue());
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		AtomicInteger requests = new AtomicInteger();
		handle.onRevocation(requests::incrementAndGet);
		await("The holder is told").atMost(patience()).until(() -> requests.get() > 0 && !holder.events().isEmpty());
		assertThat(holder.events()).as("The event of the request")
			.containsExactly(new LockRevocationEvent(this.objectId, handle.fencingToken()));
		assertThat(handle.isHeld()).as("Whether the holder still holds").isTrue();
		handle.close();
		assertThat(requests).as("How many times the holder was told").hasValue(1);
		assertFreeAndUnused(this.key);
	}

	@Test
	void handlesThatWereClosedLeaveNothingWithTheHoldOfTheirThread() {
		one().lock().lock(this.objectId);
		List<WeakReference<Object>> used = new ArrayList<>();
		for (int i = 0; i < MANY; i++) {
			Object needed = new Object();
			used.add(new WeakReference<>(needed));
			try (LockHandle handle = one().lock().lock(LockRequest.of(this.objectId))) {
				handle.onLost(needed::hashCode);
				handle.onRevocation(needed::hashCode);
			}
		}
		await("Nothing keeps what the actions of closed handles use").atMost(patience()).until(() -> {
			System.gc();
			return used.stream().allMatch((reference) -> reference.get() == null);
		});
		assertThat(one().held(this.objectId).isHeld()).as("Whether the hold of the thread goes on").isTrue();
		one().lock().unlock(this.objectId);
	}

	@Test
	void aHandleThatWasClosedIsNotToldWhatBecomesOfTheHoldOfItsThread() {
		LockHandle outer = one().lock().lock(LockRequest.of(this.objectId));
		AtomicInteger losses = Instance.countLosses(outer);
		AtomicInteger requests = new AtomicInteger();
		LockHandle inner = one().lock().lock(LockRequest.of(this.objectId));
		AtomicInteger lossesOfClosed = Instance.countLosses(inner);
		inner.onRevocation(requests::incrementAndGet);
		inner.close();
		outer.onRevocation(requests::incrementAndGet);
		one().lock().requestRevocation(this.objectId);
		await("The outer handle is asked for").atMost(patience()).until(() -> requests.get() > 0);
		one().lock().breakHold(this.objectId, record(this.bob, this.key).hold().owner());
		await("The outer handle is told of its loss").atMost(patience()).until(() -> losses.get() > 0);
		assertThat(lossesOfClosed).as("How many times the closed handle was told of the loss").hasValue(0);
		assertThat(requests).as("How many times one of them was told of the request").hasValue(1);
		assertThatExceptionOfType(LockLostException.class).as("The close of the outer handle").isThrownBy(outer::close);
	}

	@Test
	void aLossBeforeTheCloseIsToldEvenIfNoThreadIsFreeUntilAfterIt() throws Exception {
		CompletableFuture<Boolean> free = new CompletableFuture<>();
		Instance holder = start(unusedDriver(), engineLease(),
				ThreadSource.PLATFORM.withCallbacks((task) -> free.thenRunAsync(task)));
		LockHandle handle = holder.lock().acquire(LockRequest.of(this.objectId));
		AtomicInteger losses = Instance.countLosses(handle);
		holder.lock().breakHold(this.objectId, record(this.bob, this.key).hold().owner());
		assertThatExceptionOfType(LockLostException.class).as("The close of a lost handle").isThrownBy(handle::close);
		assertThat(losses).as("What was told while no thread was free").hasValue(0);
		free.complete(true);
		assertToldOnce(holder, handle, losses);
	}

	/**
	 * An instance that is disturbed once, when the store has granted a lock and the
	 * engine has not heard of it yet.
	 */
	private Instance startDisturbed(Consumer<LockEngine> disturbance) {
		CompletableFuture<LockEngine> engine = new CompletableFuture<>();
		Instance instance = start(new DelegatingDriver(unusedDriver()) {
			@Override
			public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
				Grant grant = super.acquire(attempt);
				disturbance.accept(engine.join());
				return grant;
			}
		}, engineLease(), ThreadSource.PLATFORM);
		engine.complete(instance.lock());
		return instance;
	}

}
