package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.integration.support.locks.DistributedLock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Locks of the registry where two threads wait for what the other holds: as {@link Lock}
 * promises, if one of the waits has an end.
 */
@Timeout(60)
class CrossingWaitTests {

	private static final Duration SHORT = Duration.ofMillis(20);

	private final LockEngine engine = new LockEngine(new LocalLockDriver(), new EngineSettings("test",
			EngineSettings.newInstanceName(), Duration.ofSeconds(10), null, null, HandOver.DEFAULT), (event) -> {
			});

	private final DragonflowLockRegistry registry = new DragonflowLockRegistry(this.engine);

	private final DistributedLock mine = this.registry.obtain("mine");

	private final DistributedLock theirs = this.registry.obtain("theirs");

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void aTimedTryIsFalseAtTheEndOfItsTime() throws Exception {
		this.mine.lock();
		Other other = new Other(() -> this.mine.tryLock(1, TimeUnit.HOURS));
		assertThat(this.theirs.tryLock(SHORT.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
		assertThat(this.theirs.tryLock(SHORT, Duration.ofSeconds(5))).isFalse();
		assertThat(this.theirs.tryLock()).isFalse();
		assertThatExceptionOfType(TimeoutException.class)
			.isThrownBy(() -> this.registry.executeLocked("theirs", SHORT, () -> {
			}));
		this.mine.unlock();
		assertThat(other.result.get()).as("the other's try").isTrue();
	}

	@Test
	void aTimedTryGetsWhatItsHolderGivesUp() throws Exception {
		this.mine.lock();
		Other other = new Other(() -> this.mine.tryLock(1, TimeUnit.HOURS));
		other.interruptOnceWaiting(Thread.currentThread());
		assertThat(this.theirs.tryLock(1, TimeUnit.HOURS)).isTrue();
		assertThatExceptionOfType(Exception.class).isThrownBy(other.result::get)
			.withCauseInstanceOf(InterruptedException.class);
	}

	@Test
	void aWaitWithoutAnEndIsNotRefusedForOneThatEnds() throws Exception {
		this.mine.lock();
		Other other = new Other(() -> this.mine.tryLock(1, TimeUnit.HOURS));
		other.interruptOnceWaiting(Thread.currentThread());
		this.theirs.lock();
		assertThat(this.engine.held("theirs")).isNotNull();
	}

	@Test
	void twoWaitsWithoutAnEndAreTold() throws Exception {
		this.mine.lock();
		Other other = new Other(() -> {
			this.mine.lock();
			return true;
		});
		assertThatIllegalStateException().isThrownBy(this.theirs::lock).withMessageContaining("wait for each other");
		assertThatIllegalStateException().isThrownBy(this.theirs::lockInterruptibly)
			.withMessageContaining("wait for each other");
		assertThat(this.theirs.tryLock(SHORT.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
		this.mine.unlock();
		assertThat(other.result.get()).isTrue();
	}

	@Test
	void aTryForWhatThisThreadWasCalledWithIsFalse() throws Exception {
		this.engine.callWith(this.engine.acquire(LockRequest.of("mine")), () -> {
			assertThat(this.mine.tryLock()).isFalse();
			assertThat(this.mine.tryLock(SHORT.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
			assertThatIllegalStateException().isThrownBy(this.mine::lock).withMessageContaining("wait for itself");
			return true;
		});
	}

	/**
	 * A thread that holds its own lock, and waits for the test's.
	 */
	private final class Other {

		private final FutureTask<Boolean> result;

		private final Thread thread;

		Other(Callable<Boolean> wait) throws InterruptedException {
			CountDownLatch holds = new CountDownLatch(1);
			this.result = new FutureTask<>(() -> {
				CrossingWaitTests.this.theirs.lock();
				holds.countDown();
				try {
					return wait.call();
				}
				finally {
					CrossingWaitTests.this.theirs.unlock();
				}
			});
			this.thread = new Thread(this.result, "other");
			this.thread.start();
			holds.await();
			await().until(() -> isWaiting(this.thread));
		}

		void interruptOnceWaiting(Thread waiting) {
			new Thread(() -> {
				await().until(() -> isWaiting(waiting));
				this.thread.interrupt();
			}).start();
		}

		private static boolean isWaiting(Thread thread) {
			return thread.getState() == Thread.State.TIMED_WAITING || thread.getState() == Thread.State.WAITING;
		}

	}

}
