package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.FaultyDriver.Fault;
import org.dragonflow.lock.spi.Hold;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Renewal, deadlines and loss.
 */
@Timeout(60)
class LeaseKeeperTests {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private final EngineFixture fixture = new EngineFixture(LEASE);

	private final FaultyDriver driver = this.fixture.driver;

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void allHoldsAreRenewedInOneBatch() throws InterruptedException {
		List<LockHandle> handles = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			handles.add(this.engine.acquire(LockRequest.of("net-" + i)));
		}
		awaitRenewals(6);
		assertThat(this.driver.renewals.get(3)).as("holds in one renewal").hasSize(50);
		assertThat(handles).as("held after twice the lease").allMatch(LockHandle::isHeld);
		handles.forEach(LockHandle::close);
		assertThat(this.fixture.events).as("losses").isEmpty();
	}

	@Test
	void aHoldThatWasReleasedIsNotRenewed() throws InterruptedException {
		LockHandle released = this.engine.acquire(LockRequest.of("net-1"));
		LockHandle kept = this.engine.acquire(LockRequest.of("net-2"));
		awaitRenewals(1);
		released.close();
		int before = this.driver.renewals.size();
		awaitRenewals(before + 2);
		List<String> renewed = this.driver.renewals.get(before + 1)
			.stream()
			.map((hold) -> hold.key().objectId())
			.toList();
		assertThat(renewed).as("renewed after the release").containsExactly("net-2");
		kept.close();
	}

	@Test
	void aHoldSurvivesARenewalThatFails() throws InterruptedException {
		try (LockHandle handle = this.engine.acquire(LockRequest.of("net-1"))) {
			this.driver.renewFaults.add(Fault.REQUEST_LOST);
			this.driver.renewFaults.add(Fault.BUG);
			awaitRenewals(6);
			assertThat(handle.isHeld()).as("held").isTrue();
		}
		assertThat(this.fixture.events).as("losses").isEmpty();
	}

	@Test
	void aHoldWhoseRenewalsFailIsLostBeforeAnotherCanHaveIt() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		CountDownLatch told = new CountDownLatch(1);
		handle.onLost(told::countDown);
		this.driver.down = true;
		// Asked in this order, it holds on the slowest machine too.
		while (!this.fixture.isFreeForOthers("net-1")) {
			Thread.onSpinWait();
		}
		assertThat(handle.isHeld()).as("held though another can have the lock").isFalse();
		assertThat(told.await(20, TimeUnit.SECONDS)).as("told of the loss").isTrue();
		assertThat(handle.remaining()).isZero();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::close);
		handle.close();
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.fixture.events).as("events").hasSize(1));
	}

	@Test
	void aLossIsToldInTimeThoughTheStoreHangs() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		CountDownLatch hang = new CountDownLatch(1);
		this.driver.renewHangsUntil = hang;
		AtomicInteger told = new AtomicInteger();
		handle.onLost(told::incrementAndGet);
		try {
			await().atMost(20, TimeUnit.SECONDS).untilAtomic(told, org.hamcrest.Matchers.is(1));
			assertThat(hang.getCount()).as("the renewal still hangs").isOne();
		}
		finally {
			hang.countDown();
		}
	}

	@Test
	void requestsThatHangDoNotKeepOtherHoldsFromBeingRenewed() throws InterruptedException {
		CountDownLatch hang = new CountDownLatch(1);
		this.driver.releaseHangsUntil = hang;
		try {
			for (int i = 0; i < 10; i++) {
				this.engine.acquire(LockRequest.of("lost-" + i));
			}
			// Each leaves a record that is to be removed.
			this.driver.attempts.forEach((attempt) -> this.fixture.others.breakHold(attempt.hold()));
			await().atMost(20, TimeUnit.SECONDS).until(() -> this.fixture.events.size() == 10);
			LockHandle kept = this.engine.acquire(LockRequest.of("kept"));
			int before = this.driver.renewals.size();
			await().atMost(20, TimeUnit.SECONDS).until(() -> this.driver.renewals.size() > before + 5);
			assertThat(kept.isHeld()).as("the hold whose renewal had no share in what hangs").isTrue();
		}
		finally {
			hang.countDown();
		}
	}

	@Test
	void aListenerThatHangsDoesNotKeepOthersFromHearing() throws InterruptedException {
		LockHandle first = this.engine.acquire(LockRequest.of("net-1"));
		LockHandle second = this.engine.acquire(LockRequest.of("net-2"));
		CountDownLatch hang = new CountDownLatch(1);
		AtomicInteger told = new AtomicInteger();
		first.onLost(() -> {
			try {
				hang.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		second.onLost(told::incrementAndGet);
		this.driver.down = true;
		try {
			await().atMost(20, TimeUnit.SECONDS).untilAtomic(told, org.hamcrest.Matchers.is(1));
		}
		finally {
			hang.countDown();
		}
	}

	@Test
	void whatALostHoldHasLeftIsRemovedWhenTheStoreIsBack() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		this.driver.down = true;
		await().atMost(20, TimeUnit.SECONDS).until(() -> !handle.isHeld());
		this.driver.down = false;
		Hold hold = this.driver.attempts.get(0).hold();
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.driver.carriedOut).as("releases that arrived").contains(hold));
	}

	@Test
	void aRecordThatIsGoneIsNoticedAtTheNextRenewal() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		Hold hold = this.driver.attempts.get(0).hold();
		this.fixture.others.breakHold(hold);
		await().atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.fixture.events).as("events").hasSize(1));
		assertThat(handle.isHeld()).isFalse();
	}

	@Test
	void aLossThatTheStoreTellsByItselfIsToldOnce() throws InterruptedException {
		LockHandle handle = this.engine.acquire(LockRequest.of("net-1"));
		AtomicInteger told = new AtomicInteger();
		handle.onLost(told::incrementAndGet);
		Consumer<Hold> listener = this.driver.lossListener;
		assertThat(listener).isNotNull();
		listener.accept(this.driver.attempts.get(0).hold());
		listener.accept(this.driver.attempts.get(0).hold());
		assertThat(handle.isHeld()).isFalse();
		await().atMost(20, TimeUnit.SECONDS).untilAtomic(told, org.hamcrest.Matchers.is(1));
		AtomicInteger toldLate = new AtomicInteger();
		handle.onLost(toldLate::incrementAndGet);
		assertThat(toldLate).as("an action that comes after the loss runs at once").hasValue(1);
		assertThat(told).as("told once").hasValue(1);
	}

	@Test
	void aHandleThatWasClosedIsNotToldWhereItsThreadHoldsOn() {
		LockHandle outer = this.engine.lock(LockRequest.of("net-1"));
		LockHandle inner = this.engine.lock(LockRequest.of("net-1"));
		AtomicInteger toldOuter = new AtomicInteger();
		AtomicInteger toldInner = new AtomicInteger();
		inner.onLost(toldInner::incrementAndGet);
		outer.onLost(toldOuter::incrementAndGet);
		inner.close();
		Consumer<Hold> listener = this.driver.lossListener;
		assertThat(listener).isNotNull();
		listener.accept(this.driver.attempts.get(0).hold());
		// The actions of a hold run in the order in which they came.
		await().atMost(20, TimeUnit.SECONDS).untilAtomic(toldOuter, org.hamcrest.Matchers.is(1));
		assertThat(toldInner).as("what the closed handle was told").hasValue(0);
	}

	@Test
	void renewalEndsWhereTheLongestHoldEnds() throws InterruptedException {
		try (EngineFixture bounded = new EngineFixture(LEASE, null, Duration.ofSeconds(3))) {
			LockHandle handle = bounded.engine.acquire(LockRequest.of("net-1"));
			await().atMost(20, TimeUnit.SECONDS)
				.untilAsserted(() -> assertThat(bounded.events).as("events").hasSize(1));
			assertThat(bounded.driver.renewals).as("it was renewed before").isNotEmpty();
			assertThat(handle.isHeld()).isFalse();
		}
	}

	@Test
	void anotherThreadOfThisJvmNeedNotWaitForTheHolderToNoticeItsLoss() throws InterruptedException {
		LockHandle lost = this.engine.acquire(LockRequest.of("net-1"));
		this.fixture.others.breakHold(this.driver.attempts.get(0).hold());
		try (LockHandle next = this.engine.acquire(LockRequest.of("net-1"))) {
			assertThat(lost.isHeld()).as("the lost one").isFalse();
			assertThat(next.isHeld()).as("the next one").isTrue();
			assertThat(next.fencingToken()).isGreaterThan(lost.fencingToken());
			assertThatExceptionOfType(LockLostException.class).isThrownBy(lost::close);
			assertThat(next.isHeld()).as("the stale close leaves it alone").isTrue();
		}
	}

	private void awaitRenewals(int count) {
		await().atMost(30, TimeUnit.SECONDS)
			.untilAsserted(() -> assertThat(this.driver.renewals).as("renewals").hasSizeGreaterThanOrEqualTo(count));
	}

}
