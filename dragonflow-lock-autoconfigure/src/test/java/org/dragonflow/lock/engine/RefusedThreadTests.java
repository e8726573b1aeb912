package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A JVM or a container that has no thread to give, for a moment or for longer.
 */
@Timeout(60)
class RefusedThreadTests {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private volatile String refusedRole = "";

	private volatile Supplier<@Nullable Thread> refusal = () -> {
		throw new OutOfMemoryError("unable to create native thread");
	};

	private final AtomicInteger left = new AtomicInteger();

	private final AtomicInteger refused = new AtomicInteger();

	private final ScriptedEngine fixture = new ScriptedEngine(LEASE, (parts) -> {
		parts.threads = new ThreadSource(this::factory, null);
		// The look for long waits would ask for a thread as well.
		parts.warnAfter = Duration.ofDays(1);
	});

	@AfterEach
	void close() {
		this.left.set(0);
		this.fixture.close();
	}

	/**
	 * The ways in which a thread is not to be had.
	 */
	enum Way {

		FACTORY_THROWS {
			@Override
			@Nullable Thread refuse() {
				throw new OutOfMemoryError("unable to create native thread");
			}
		},

		// As the Javadoc of a thread factory allows.
		FACTORY_GIVES_NONE {
			@Override
			@Nullable Thread refuse() {
				return null;
			}
		},

		// With a stack that no machine has room for: what the JVM throws then is real.
		THREAD_DOES_NOT_START {
			@Override
			Thread refuse() {
				return new Thread(null, () -> {
				}, "refused", 1L << 46);
			}
		};

		abstract @Nullable Thread refuse();

	}

	// Twice, as a pool that is given no thread asks for another at once.
	@ParameterizedTest
	@EnumSource
	void twoRefusedThreadsLoseNoHold(Way way) {
		refuse("renewal", 2, way);
		LockHandle handle = this.fixture.acquire("net-1");
		await("renewals").atMost(Duration.ofSeconds(20))
			.until(() -> this.fixture.driver.renewals.size() >= 2 || !handle.isHeld());
		assertThat(handle.isHeld()).as("held after two refused threads").isTrue();
		assertThat(this.refused).as("refused threads").hasValue(2);
	}

	@Test
	void whileNothingIsRenewedTheStatusDoesNotSayThatAllIsWell() {
		refuse("renewal", Integer.MAX_VALUE, Way.FACTORY_THROWS);
		LockHandle handle = this.fixture.acquire("net-1");
		long begin = System.nanoTime();
		long bearable = LEASE.toNanos() / 10 * 7;
		while (handle.isHeld()) {
			// Before the question, so that however slow this thread is, the answer must
			// be right.
			long elapsed = System.nanoTime() - begin;
			boolean onTime = this.fixture.engine.renewals().stream().allMatch(RenewalStatus::isOnTime);
			if (onTime && elapsed > bearable) {
				assertThat(handle.isHeld()).as("held, said to be on time, %d ms after the grant", elapsed / 1_000_000)
					.isFalse();
			}
		}
		await("the loss").until(() -> this.fixture.events.size() == 1);
		this.left.set(0);
		LockHandle next = this.fixture.acquire("net-1");
		await("renewals again").until(() -> this.fixture.driver.renewals.size() >= 2 || !next.isHeld());
		assertThat(next.isHeld()).as("held, once there are threads again").isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void whatIsToBeRemovedInTheBackgroundIsRemovedLater(Way way) {
		refuse("store", 3, way);
		this.fixture.driver.after = (call, objectIds) -> {
			if (call == Call.ACQUIRE) {
				throw LockStoreException.unreachable("the reply was lost", null);
			}
		};
		// A lease that ends later than the test, or that would remove it.
		LockRequest request = LockRequest.of("net-1").withLease(Duration.ofMinutes(10)).withWait(Duration.ZERO);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.fixture.engine.lock(request));
		await("what the attempt has left is removed").until(() -> this.fixture.isFreeForOthers("net-1"));
		assertThat(this.refused).as("refused threads").hasPositiveValue();
	}

	@ParameterizedTest
	@EnumSource
	void aLossIsToldLater(Way way) {
		refuse("listener|action", 3, way);
		LockHandle handle = this.fixture.acquire("net-1");
		CountDownLatch told = new CountDownLatch(1);
		handle.onLost(told::countDown);
		this.fixture.lose("net-1");
		await("the action and the event").atMost(Duration.ofSeconds(5))
			.until(() -> told.getCount() == 0 && !this.fixture.events.isEmpty());
		assertThat(this.fixture.events).extracting(LockEvent::objectId).containsExactly("net-1");
		assertThat(this.refused).as("refused threads").hasPositiveValue();
	}

	private void refuse(String role, int count, Way way) {
		this.refusal = way::refuse;
		this.left.set(count);
		this.refusedRole = role;
	}

	private ThreadFactory factory(String role) {
		ThreadFactory threads = LockThreads.named(role);
		return (task) -> {
			if (role.matches(this.refusedRole) && this.left.getAndUpdate((count) -> Math.max(0, count - 1)) > 0) {
				this.refused.incrementAndGet();
				return this.refusal.get();
			}
			return threads.newThread(task);
		};
	}

}
