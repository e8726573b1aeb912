package org.dragonflow.lock.aop;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.aop.EngineConfiguration.Instances;
import org.dragonflow.lock.spi.ScarceThreads;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of a hold when the system has no more threads for it.
 */
@Timeout(60)
class AsyncHoldTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final AnnotationConfigApplicationContext context = AspectFixture.context(EngineConfiguration.class);

	private final Instances instances = this.context.getBean(Instances.class);

	private final RecordingLock recording = new RecordingLock();

	private final ScarceThreads threads = new ScarceThreads();

	private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor(this.threads);

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void aWaitWithoutAThreadIsRefusedAndHoldsNothing() {
		this.threads.without(1);
		assertThatExceptionOfType(OutOfMemoryError.class)
			.isThrownBy(() -> AsyncHold.begin(this.recording, LockRequest.of("a"), this.executor));
		assertThat(this.recording.events).as("what the lock was asked").isEmpty();
	}

	@Test
	void aHoldThatEndsWithoutAThreadIsReleasedByTheCaller() {
		AsyncHold hold = AsyncHold.begin(this.instances.engine(), LockRequest.of("a"), this.executor);
		assertThat(hold.handle()).succeedsWithin(PATIENCE);
		this.threads.without(1);
		assertThat(hold.end()).as("the end, when the caller goes on").isCompleted();
		assertThat(this.instances.isHeld("a")).as("held after the end").isFalse();
	}

	@Test
	void whatTheReleaseByTheCallerThrowsFailsTheEnd() {
		this.recording.failureOfRelease = new IllegalStateException("broken");
		AsyncHold hold = AsyncHold.begin(this.recording, LockRequest.of("a"), this.executor);
		assertThat(hold.handle()).succeedsWithin(PATIENCE);
		this.threads.without(1);
		assertThat(hold.end()).isCompletedExceptionally();
	}

	@Test
	void aGrantThatComesTooLateIsReleasedAlsoWithoutAThreadForThat() {
		CountDownLatch grants = new CountDownLatch(1);
		this.recording.grants = grants;
		AsyncHold hold = AsyncHold.begin(this.recording, LockRequest.of("a"), this.executor);
		await("the wait").until(() -> this.recording.events.contains("wait [a]"));
		hold.cancelWait();
		this.threads.without(1);
		grants.countDown();
		await("the release").until(() -> this.recording.events.contains("release [a]"));
	}

}
