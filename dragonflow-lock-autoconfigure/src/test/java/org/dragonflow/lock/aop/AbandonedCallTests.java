package org.dragonflow.lock.aop;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.aop.EngineConfiguration.Instances;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A caller that no longer wants a result says nothing about the work, which is locked for
 * as long as it lasts.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class AbandonedCallTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final AnnotationConfigApplicationContext context = AspectFixture.context(EngineConfiguration.class,
			Service.class);

	private final Instances instances = this.context.getBean(Instances.class);

	private final Service service = this.context.getBean(Service.class);

	private final CountDownLatch began = new CountDownLatch(1);

	private final CompletableFuture<String> work = new CompletableFuture<>();

	@AfterEach
	void close() {
		this.work.complete("done");
		this.context.close();
	}

	/**
	 * What a caller can do with its future.
	 */
	enum Way {

		CANCEL((future) -> future.cancel(true)),

		TIME_OUT((future) -> future.orTimeout(1, TimeUnit.MILLISECONDS)),

		COMPLETE_ON_TIME_OUT((future) -> future.completeOnTimeout("late", 1, TimeUnit.MILLISECONDS)),

		COMPLETE((future) -> future.complete("enough")),

		FAIL((future) -> future.completeExceptionally(new IllegalStateException("enough"))),

		OBTRUDE((future) -> future.obtrudeValue("enough")),

		OBTRUDE_FAILURE((future) -> future.obtrudeException(new IllegalStateException("enough")));

		private final Consumer<CompletableFuture<String>> action;

		Way(Consumer<CompletableFuture<String>> action) {
			this.action = action;
		}

		void giveUp(CompletableFuture<String> future) {
			this.action.accept(future);
			await("the caller's end of it").until(future::isDone);
		}

	}

	@ParameterizedTest
	@EnumSource
	void whatHasBegunIsLockedUntilItsOwnEnd(Way way) throws Exception {
		CompletableFuture<String> result = this.service.work("a", this.began, this.work);
		this.began.await();
		way.giveUp(result);
		assertThatTheWorkIsLockedUntilItsEnd();
	}

	@ParameterizedTest
	@EnumSource
	void aWaitIsEndedAndLeavesNothing(Way way) {
		this.instances.other().lock("a");
		CompletableFuture<String> result = this.service.work("a", this.began, this.work);
		way.giveUp(result);
		await("the end of the wait").until(() -> this.instances.engine().snapshot(10).waiting().isEmpty());
		this.instances.other().unlock("a");
		this.instances.engine().run("a", () -> {
		});
		assertThat(this.instances.isHeld("a")).isFalse();
		assertThat(this.began.getCount()).as("calls to come").isOne();
	}

	@ParameterizedTest
	@EnumSource
	void anAsyncMethodIsLockedUntilItsTaskHasEnded(Way way) throws Exception {
		for (Class<?> order : new Class<?>[] { AsyncOutside.class, AsyncInside.class }) {
			try (AnnotationConfigApplicationContext async = AspectFixture.context(order, AsyncService.class)) {
				RecordingLock lock = async.getBean(RecordingLock.class);
				CountDownLatch began = new CountDownLatch(1);
				CountDownLatch ends = new CountDownLatch(1);
				CompletableFuture<String> result = async.getBean(AsyncService.class).work("a", began, ends);
				began.await();
				way.giveUp(result);
				assertThat(lock.events).containsExactly("lock [a]");
				ends.countDown();
				await("the release").until(() -> lock.events.contains("release [a]"));
			}
		}
	}

	@Test
	void aLossThatNoCallerHearsOfIsLogged(CapturedOutput output) throws Exception {
		try (AnnotationConfigApplicationContext recording = AspectFixture.context(Service.class)) {
			recording.getBean(RecordingLock.class).failureOfRelease = new LockLostException("a", "gone");
			recording.getBean(Service.class).work("a", this.began, this.work).cancel(true);
			CompletableFuture<String> result = recording.getBean(Service.class).work("a", this.began, this.work);
			this.began.await();
			result.cancel(true);
			this.work.complete("done");
			await("the log").until(() -> output.getOut().contains("gone"));
			assertThat(output).contains("WARN", "[a]", "given up", "LockLostException");
			Disposable subscription = recording.getBean(Service.class).mono("b", Mono.never()).subscribe();
			RecordingLock lock = recording.getBean(RecordingLock.class);
			await("the hold").until(() -> lock.events.contains("lock [b]"));
			subscription.dispose();
			await("the log").until(() -> output.getOut().contains("[b]"));
		}
	}

	@Test
	void aMonoThatWorksOnTheThreadThatSubscribesIsLockedUntilThatIsDone() throws Exception {
		assertThatSubscribedWorkIsLockedUntilItsEnd(this.service.mono("a", Mono.fromCallable(this::workHere)));
	}

	@Test
	void aMethodThatWorksBeforeItReturnsItsMonoIsLockedUntilThatIsDone() throws Exception {
		assertThatSubscribedWorkIsLockedUntilItsEnd(this.service.called("a", () -> Mono.just(workHere())));
	}

	@Test
	void aFluxThatIsCancelledByItsSubscriberIsLockedUntilItsThreadIsDone() throws Exception {
		Flux<String> flux = this.service.flux("a", Flux.create((sink) -> {
			sink.next("first");
			sink.next(workHere());
		}));
		assertThat(flux.blockFirst(PATIENCE)).isEqualTo("first");
		this.began.await();
		assertThatTheWorkIsLockedUntilItsEnd();
	}

	@Test
	void aStageThatIsWrappedInAMonoIsLockedUntilItsOwnEnd() throws Exception {
		assertThatSubscribedWorkIsLockedUntilItsEnd(
				Mono.fromFuture(() -> this.service.work("a", this.began, this.work)));
	}

	private void assertThatSubscribedWorkIsLockedUntilItsEnd(Mono<String> mono) throws Exception {
		Sinks.Empty<Void> enough = Sinks.empty();
		CompletableFuture<String> result = mono.takeUntilOther(enough.asMono()).toFuture();
		this.began.await();
		enough.tryEmitEmpty();
		assertThat(result).as("the caller's end of it").isCompletedWithValue(null);
		assertThatTheWorkIsLockedUntilItsEnd();
	}

	private void assertThatTheWorkIsLockedUntilItsEnd() {
		// Whatever would release it is on its way before this: were it released, it would
		// be so within that time, most of the time.
		await().during(Duration.ofMillis(150)).until(() -> this.instances.isHeld("a"));
		assertThat(this.work).as("the work, of which nobody else knows").isNotDone();
		this.work.complete("done");
		await("the release").until(() -> !this.instances.isHeld("a"));
	}

	private String workHere() {
		this.began.countDown();
		return await("the end of the work").until(() -> this.work.getNow(""), (result) -> !result.isEmpty());
	}

	static class Service {

		@NbLocked("#id")
		public CompletableFuture<String> work(String id, CountDownLatch began, CompletableFuture<String> work) {
			began.countDown();
			return work;
		}

		@NbLocked("#id")
		public <T> Mono<T> mono(String id, Mono<T> work) {
			return work;
		}

		@NbLocked("#id")
		public <T> Mono<T> called(String id, Supplier<Mono<T>> work) {
			return work.get();
		}

		@NbLocked("#id")
		public <T> Flux<T> flux(String id, Flux<T> work) {
			return work;
		}

	}

	static class AsyncService {

		@Async
		@NbLocked("#id")
		public CompletableFuture<String> work(String id, CountDownLatch began, CountDownLatch ends)
				throws InterruptedException {
			began.countDown();
			ends.await();
			return CompletableFuture.completedFuture("done");
		}

	}

	@EnableAsync(proxyTargetClass = true)
	static class AsyncOutside {

	}

	@EnableAsync(proxyTargetClass = true, order = 0)
	static class AsyncInside {

	}

}
