package org.dragonflow.lock.aop;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.aopalliance.intercept.MethodInvocation;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.aop.EngineConfiguration.Instances;
import org.dragonflow.lock.spi.ScarceThreads;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.aop.framework.ReflectiveMethodInvocation;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.util.ClassUtils;

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
	void aWaitWithoutAThreadFailsTheCallAndHoldsNothing() {
		this.threads.without(1);
		CompletableFuture<?> result = StageCall.begin(hold(this.recording), new Call());
		assertThat(result).isCompletedExceptionally();
		assertThat(result).failsWithin(PATIENCE)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(LockStoreException.class)
			.withMessageContaining("thread")
			.withMessageContaining("[a]")
			.withCauseInstanceOf(OutOfMemoryError.class);
		assertThat(this.recording.events).as("what the lock was asked").isEmpty();
	}

	@Test
	void soItDoesAMonoAndAFlux() {
		for (Mono<?> call : List.of(ReactiveCalls.mono(() -> hold(this.recording), new Call()),
				ReactiveCalls.flux(() -> hold(this.recording), new Call()).then())) {
			this.threads.without(1);
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> call.block(PATIENCE))
				.withMessageContaining("[a]");
		}
		assertThat(this.recording.events).as("what the lock was asked").isEmpty();
	}

	@Test
	void workThatEndsWithoutAThreadIsReleasedOnTheOneAtHand() {
		Call work = new Call();
		CompletableFuture<?> result = StageCall.begin(hold(this.instances.engine()), work);
		awaitThatNobodyWorks(work);
		this.threads.without(1);
		work.stage.complete("done");
		assertThat(result).as("the result, when whoever ended the work goes on")
			.isCompletedWithValueMatching("done"::equals);
		assertThat(this.instances.isHeld("a")).as("held after the end").isFalse();
	}

	@Test
	void whatThatReleaseThrowsFailsTheCall() {
		this.recording.failureOfRelease = new IllegalStateException("broken");
		Call work = new Call();
		CompletableFuture<?> result = StageCall.begin(hold(this.recording), work);
		awaitThatNobodyWorks(work);
		this.threads.without(1);
		work.stage.complete("done");
		assertThat(result).isCompletedExceptionally();
	}

	@Test
	void aMonoThatEndsOrIsCancelledWithoutAThreadIsReleasedOnTheOneAtHand() {
		for (boolean cancel : List.of(false, true)) {
			Call work = new Call(Mono::fromCompletionStage);
			Disposable subscription = ReactiveCalls.mono(() -> hold(this.instances.engine()), work).subscribe();
			awaitThatNobodyWorks(work);
			this.threads.without(2);
			if (cancel) {
				subscription.dispose();
			}
			else {
				work.stage.complete("done");
			}
			assertThat(this.instances.isHeld("a")).as("held after the end").isFalse();
			this.threads.without(0);
		}
	}

	@Test
	void whereNoThreadCanAskForMoreTheWorkIsCancelledAndReleased() {
		Sinks.Many<Object> source = Sinks.many().unicast().onBackpressureBuffer();
		Call work = new Call((stage) -> source.asFlux());
		AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
		BaseSubscriber<Object> subscriber = new BaseSubscriber<>() {

			@Override
			protected void hookOnSubscribe(Subscription subscription) {
				subscription.request(1);
			}

			@Override
			protected void hookOnError(Throwable throwable) {
				failure.set(throwable);
			}

		};
		ReactiveCalls.flux(() -> hold(this.instances.engine()), work).subscribe(subscriber);
		awaitThatNobodyWorks(work);
		source.tryEmitNext(1);
		this.threads.without(1);
		subscriber.request(1);
		await("the release").until(() -> !this.instances.isHeld("a"));
		assertThat(failure.get()).isInstanceOf(LockStoreException.class);
		assertThat(source.currentSubscriberCount()).isZero();
	}

	@Test
	void aGrantThatComesTooLateIsReleasedAlsoWithoutAThreadForThat() {
		CountDownLatch grants = new CountDownLatch(1);
		this.recording.grants = grants;
		AsyncHold hold = hold(this.recording);
		AtomicBoolean called = new AtomicBoolean();
		hold.begin((handle) -> called.set(true), (failure) -> called.set(true));
		await("the wait").until(() -> this.recording.events.contains("wait [a]"));
		hold.giveUpWait();
		this.threads.without(1);
		grants.countDown();
		await("the release").until(() -> this.recording.events.contains("release [a]"));
		assertThat(called).isFalse();
		assertThat(this.recording.events).containsExactly("wait [a]", "lock [a]", "release [a]");
	}

	private AsyncHold hold(DistributedLock lock) {
		return new AsyncHold(lock, LockRequest.of("a"), this.executor);
	}

	private void awaitThatNobodyWorks(Call work) {
		await("the call").until(() -> work.thread != null && !work.thread.isAlive());
	}

	/**
	 * An invocation whose work is going on when it returns.
	 */
	static final class Call extends ReflectiveMethodInvocation {

		final CompletableFuture<Object> stage = new CompletableFuture<>();

		volatile @Nullable Thread thread;

		private final Function<CompletableFuture<Object>, Object> result;

		Call() {
			this((stage) -> stage);
		}

		Call(Function<CompletableFuture<Object>, Object> result) {
			super("proxy", "target", ClassUtils.getMethod(Object.class, "toString"), new Object[0], null, List.of());
			this.result = result;
		}

		@Override
		public Object proceed() {
			this.thread = Thread.currentThread();
			return this.result.apply(this.stage);
		}

		@Override
		public MethodInvocation invocableClone() {
			return this;
		}

	}

}
