package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.DistributedLock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The contract of a Lock, and what Spring Integration makes of it.
 */
@Timeout(60)
class DragonflowLockRegistryTests {

	private static final Duration LEASE = Duration.ofSeconds(1);

	private final LocalLockDriver driver = new LocalLockDriver();

	private final LockEngine engine = engine(this.driver);

	private final DragonflowLockRegistry registry = new DragonflowLockRegistry(this.engine);

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void equalKeysAreTheSameReentrantLock() throws Exception {
		DistributedLock lock = this.registry.obtain("a");
		lock.lock();
		this.registry.obtain("a").lock();
		lock.unlock();
		assertThat(onOtherThread(() -> this.registry.obtain("a").tryLock())).isFalse();
		lock.unlock();
		assertThat(onOtherThread(() -> this.registry.obtain("a").tryLock())).isTrue();
	}

	@Test
	void aKeyIsTheSameLockAsTheEqualObjectId() throws Exception {
		this.engine.lock("42");
		assertThat(onOtherThread(() -> this.registry.obtain(42).tryLock())).isFalse();
	}

	@Test
	@SuppressWarnings("NullAway")
	void aNullOrEmptyKeyIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.obtain(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.obtain(""));
	}

	@Test
	void onlyTheHolderUnlocks() throws Exception {
		DistributedLock lock = this.registry.obtain("a");
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
		lock.lock();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> onOtherThread(() -> {
			lock.unlock();
			return true;
		})).withCauseInstanceOf(IllegalMonitorStateException.class);
		lock.unlock();
	}

	@Test
	void aTimedTryWaitsAndGivesUp() throws Exception {
		DistributedLock lock = this.registry.obtain("a");
		lock.lock(Duration.ofSeconds(2));
		assertThat(onOtherThread(() -> lock.tryLock(10, TimeUnit.MILLISECONDS))).isFalse();
		assertThat(onOtherThread(() -> lock.tryLock(Duration.ofMillis(10), LEASE))).isFalse();
		CompletableFuture<Boolean> waiting = startOnOtherThread(() -> lock.tryLock(Duration.ofSeconds(30), LEASE));
		lock.unlock();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void anInterruptEndsTheInterruptibleWaits() throws Exception {
		DistributedLock lock = this.registry.obtain("a");
		lock.lock();
		assertInterruptible(() -> {
			lock.lockInterruptibly();
			return true;
		});
		assertInterruptible(() -> lock.tryLock(1, TimeUnit.HOURS));
		assertInterruptible(() -> lock.tryLock(Duration.ofHours(1), LEASE));
	}

	@Test
	void anInterruptedThreadCanTryWithoutWaiting() {
		DistributedLock lock = this.registry.obtain("a");
		Thread.currentThread().interrupt();
		assertThat(lock.tryLock()).isTrue();
		lock.unlock();
		assertThat(Thread.interrupted()).as("interrupt flag").isTrue();
	}

	@Test
	void aLockWaitsLongerThanTheConfiguredWait() throws Exception {
		LockEngine impatient = new LockEngine(this.driver.newClient(), settings(Duration.ZERO), (event) -> {
		});
		try {
			this.engine.lock("a");
			DistributedLock lock = new DragonflowLockRegistry(impatient).obtain("a");
			CountDownLatch started = new CountDownLatch(1);
			CompletableFuture<Boolean> waiting = startOnOtherThread(() -> {
				started.countDown();
				lock.lock();
				lock.unlock();
				return true;
			});
			started.await();
			this.engine.unlock("a");
			assertThat(waiting.get()).isTrue();
		}
		finally {
			impatient.close();
		}
	}

	@Test
	void thereAreNoConditions() {
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> this.registry.obtain("a").newCondition())
			.withMessage("A distributed lock has no conditions");
	}

	@Test
	void renewalIsForTheHolderOnly() {
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(() -> this.registry.renewLock("a"));
		this.registry.obtain("a").lock();
		this.registry.renewLock("a");
		this.registry.renewLock("a", LEASE);
		breakHold("a");
		Awaitility.await()
			.pollInSameThread()
			.untilAsserted(() -> assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> this.registry.renewLock("a")));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.registry.obtain("a").unlock());
	}

	@Test
	void leadershipPassesOnWhenTheLockIsLostAndWhenTheLeaderStops() {
		LockRegistryLeaderInitiator leader = initiator();
		leader.start();
		Awaitility.await().until(() -> isLeader(leader));
		breakHold("leader");
		LockRegistryLeaderInitiator next = initiator();
		next.start();
		Awaitility.await().until(() -> isLeader(leader) != isLeader(next));
		boolean nextLeads = isLeader(next);
		(nextLeads ? next : leader).stop();
		Awaitility.await().until(() -> isLeader(nextLeads ? leader : next));
		leader.stop();
		next.stop();
	}

	private LockRegistryLeaderInitiator initiator() {
		LockRegistryLeaderInitiator initiator = new LockRegistryLeaderInitiator(this.registry,
				new DefaultCandidate("test", "leader"));
		initiator.setHeartBeatMillis(20);
		initiator.setBusyWaitMillis(10);
		return initiator;
	}

	private static boolean isLeader(LockRegistryLeaderInitiator initiator) {
		@Nullable Context context = initiator.getContext();
		return context != null && context.isLeader();
	}

	private void breakHold(String objectId) {
		LockRecord record = this.driver.look(new LockKey("test", objectId));
		assertThat(record).as("record of " + objectId).isNotNull();
		if (record != null) {
			assertThat(this.driver.breakHold(record.hold())).isTrue();
		}
	}

	private static void assertInterruptible(Callable<Boolean> wait) throws InterruptedException {
		CompletableFuture<Boolean> result = new CompletableFuture<>();
		Thread thread = thread(wait, result);
		Awaitility.await()
			.until(() -> thread.getState() == Thread.State.TIMED_WAITING || thread.getState() == Thread.State.WAITING);
		thread.interrupt();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(result::get)
			.withCauseInstanceOf(InterruptedException.class);
	}

	private static boolean onOtherThread(Callable<Boolean> action) throws Exception {
		return startOnOtherThread(action).get();
	}

	private static CompletableFuture<Boolean> startOnOtherThread(Callable<Boolean> action) {
		CompletableFuture<Boolean> result = new CompletableFuture<>();
		thread(action, result);
		return result;
	}

	private static Thread thread(Callable<Boolean> action, CompletableFuture<Boolean> result) {
		Thread thread = new Thread(() -> {
			try {
				result.complete(action.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		});
		thread.start();
		return thread;
	}

	private static LockEngine engine(LocalLockDriver driver) {
		return new LockEngine(driver, settings(null), (event) -> {
		});
	}

	private static EngineSettings settings(@Nullable Duration wait) {
		return new EngineSettings("test", EngineSettings.newInstanceName(), LEASE, wait, null, HandOver.DEFAULT);
	}

}
