package org.dragonflow.lock.aop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.aop.EngineConfiguration.Instances;
import org.dragonflow.lock.engine.LockEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Methods that return a stage are locked until it is complete.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class StageCallTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final AnnotationConfigApplicationContext context = AspectFixture.context(EngineConfiguration.class,
			Service.class);

	private final Instances instances = this.context.getBean(Instances.class);

	private final Service service = this.context.getBean(Service.class);

	private final CompletableFuture<String> work = new CompletableFuture<>();

	@AfterEach
	void close() {
		Service.CALLS.set(0);
		this.context.close();
	}

	@Test
	void theLockIsHeldUntilTheStageIsComplete() {
		CompletableFuture<String> result = this.service.work("a", this.work);
		awaitCalls(1);
		assertThat(this.instances.isHeld("a")).as("held while the stage is not complete").isTrue();
		assertThat(result).isNotDone();
		CompletableFuture<Boolean> heldAtTheEnd = result.thenApply((value) -> this.instances.isHeld("a"));
		this.work.complete("done");
		assertThat(result).succeedsWithin(PATIENCE).isEqualTo("done");
		assertThat(heldAtTheEnd).as("held when the result is known").succeedsWithin(PATIENCE).isEqualTo(false);
	}

	@Test
	void theMethodFindsItsHoldUntilItHasReturned() {
		List<Long> tokens = new CopyOnWriteArrayList<>();
		CompletableFuture<Thread> caller = new CompletableFuture<>();
		this.service.calling("a", () -> {
			LockHandle held = this.instances.engine().held("a");
			assertThat(held).as("the hold inside the method").isNotNull();
			tokens.add(held.fencingToken());
			assertThatIllegalStateException().isThrownBy(held::close);
			assertThat(this.instances.engine().held("b")).as("another hold").isNull();
			caller.complete(Thread.currentThread());
			return this.work;
		});
		assertThat(caller).succeedsWithin(PATIENCE);
		assertThat(this.instances.engine().held("a")).as("the hold as the caller sees it").isNull();
		CompletableFuture<@Nullable LockHandle> later = this.work
			.thenApply((value) -> this.instances.engine().held("a"));
		this.work.complete("done");
		assertThat(later).as("the hold after the return").isCompletedWithValue(null);
		assertThat(tokens).singleElement(as(InstanceOfAssertFactories.LONG)).isPositive();
	}

	@Test
	void theMethodIsToldThatItWouldWaitForItself() {
		LockEngine engine = this.instances.engine();
		CompletableFuture<String> result = this.service.calling("a", () -> {
			assertThatIllegalStateException().isThrownBy(() -> engine.lock("a")).withMessageContaining("itself");
			assertThatIllegalStateException().isThrownBy(() -> engine.acquire(LockRequest.of("a", "b")));
			assertThatIllegalStateException().isThrownBy(() -> this.service.work("a", this.work));
			engine.run("b", () -> {
			});
			return CompletableFuture.completedFuture("done");
		});
		assertThat(result).succeedsWithin(PATIENCE).isEqualTo("done");
		assertThat(this.instances.isHeld("a")).isFalse();
	}

	@Test
	void aFailureReleasesAndIsPassedOn() {
		CompletableFuture<String> result = this.service.work("a", this.work);
		this.work.completeExceptionally(new IOException("failed"));
		assertThat(result).failsWithin(PATIENCE).withThrowableThat().havingCause().isInstanceOf(IOException.class);
		assertThat(this.instances.isHeld("a")).isFalse();
	}

	@Test
	void anExceptionOfTheMethodReleasesAndIsPassedOn() throws IOException {
		assertThat(this.service.failing("a").toCompletableFuture()).failsWithin(PATIENCE)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(IOException.class);
		assertThat(this.service.none("a")).failsWithin(PATIENCE)
			.withThrowableThat()
			.withMessageContaining("returned null");
		assertThat(this.instances.isHeld("a")).isFalse();
	}

	@Test
	void aCancellationEndsTheWaitAndLeavesNothing() {
		this.instances.other().lock("a");
		CompletableFuture<String> result = this.service.work("a", this.work);
		result.cancel(true);
		this.instances.other().unlock("a");
		this.instances.engine().lock("a");
		this.instances.engine().unlock("a");
		assertThat(this.instances.isHeld("a")).isFalse();
		assertThat(Service.CALLS).as("calls of the method").hasValue(0);
	}

	@Test
	void theCallersThreadIsNotBlocked() {
		ExecutorService loop = Executors.newSingleThreadExecutor();
		try {
			assertThat(CompletableFuture.runAsync(() -> this.instances.other().lock("a"), loop))
				.succeedsWithin(PATIENCE);
			CompletableFuture<String> result = CompletableFuture
				.supplyAsync(() -> this.service.work("a", this.work), loop)
				.thenCompose((inner) -> inner);
			this.work.complete("done");
			assertThat(Service.CALLS).as("calls while another holds the lock").hasValue(0);
			assertThat(CompletableFuture.runAsync(() -> this.instances.other().unlock("a"), loop))
				.as("an unlock by the thread that has made the call")
				.succeedsWithin(PATIENCE);
			assertThat(result).succeedsWithin(PATIENCE).isEqualTo("done");
		}
		finally {
			loop.shutdownNow();
		}
	}

	@Test
	void manyWaitersDoNotKeepTheHolderFromReleasing() {
		List<CompletableFuture<String>> results = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			results.add(this.service.work("a", this.work));
		}
		this.work.complete("done");
		assertThat(results).allSatisfy((result) -> assertThat(result).succeedsWithin(PATIENCE));
		assertThat(this.instances.isHeld("a")).isFalse();
	}

	@Test
	void whereTheCallerHoldsTheLockItselfTheCallIsRefused() {
		this.instances.engine().lock("a");
		assertThatIllegalStateException().isThrownBy(() -> this.service.work("a", this.work))
			.withMessageContaining("'a'");
		this.instances.engine().unlock("a");
	}

	@Test
	void aLockThatIsNotToBeHadFailsTheResult() {
		this.instances.other().lock("a");
		assertThat(this.service.once("a")).failsWithin(PATIENCE)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(LockUnavailableException.class);
		this.instances.other().unlock("a");
	}

	@Test
	void aLossIsToldAlthoughTheWorkIsDone() {
		assertThat(resultAfter(new LockLostException("a", "gone"))).failsWithin(PATIENCE)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(LockLostException.class);
	}

	@Test
	void aReleaseThatIsNotConfirmedIsLoggedAndTheResultReturned(CapturedOutput output) {
		assertThat(resultAfter(LockStoreException.unreachable("no answer", null))).succeedsWithin(PATIENCE)
			.isEqualTo("done");
		assertThat(output).contains("WARN", "[a] was not confirmed", "no answer");
	}

	@Test
	void anAsyncMethodIsLockedUntilItsFutureIsCompleteWhateverTheOrder() {
		for (Class<?> order : List.of(AsyncOutside.class, AsyncInside.class)) {
			try (AnnotationConfigApplicationContext async = AspectFixture.context(order, AsyncService.class)) {
				RecordingLock lock = async.getBean(RecordingLock.class);
				CompletableFuture<String> unfinished = new CompletableFuture<>();
				CompletableFuture<String> result = async.getBean(AsyncService.class).work("a", lock.events, unfinished);
				await("the call").until(() -> lock.events.contains("work"));
				assertThat(lock.events).containsExactly("lock [a]", "work");
				unfinished.complete("done");
				assertThat(result).succeedsWithin(PATIENCE).isEqualTo("done");
				assertThat(lock.events).containsExactly("lock [a]", "work", "release [a]");
			}
		}
	}

	private CompletableFuture<String> resultAfter(RuntimeException failureOfRelease) {
		try (AnnotationConfigApplicationContext recording = AspectFixture.context(Service.class)) {
			recording.getBean(RecordingLock.class).failureOfRelease = failureOfRelease;
			return recording.getBean(Service.class).work("a", CompletableFuture.completedFuture("done"));
		}
	}

	private void awaitCalls(int count) {
		await("calls of the method").until(() -> Service.CALLS.get() == count);
	}

	static class Service {

		static final AtomicInteger CALLS = new AtomicInteger();

		@NbLocked("#id")
		public CompletableFuture<String> work(String id, CompletableFuture<String> work) {
			CALLS.incrementAndGet();
			return work;
		}

		@NbLocked("#id")
		public CompletableFuture<String> calling(String id, Supplier<CompletableFuture<String>> work) {
			return work.get();
		}

		@NbLocked("#id")
		public CompletionStage<String> failing(String id) throws IOException {
			throw new IOException("failed");
		}

		@NbLocked("#id")
		public @Nullable CompletableFuture<String> none(String id) {
			return null;
		}

		@NbLocked(value = "#id", block = false)
		public CompletableFuture<String> once(String id) {
			return CompletableFuture.completedFuture(id);
		}

	}

	static class AsyncService {

		@Async
		@NbLocked("#id")
		public CompletableFuture<String> work(String id, List<String> events, CompletableFuture<String> work) {
			events.add("work");
			return work;
		}

	}

	@EnableAsync(proxyTargetClass = true)
	static class AsyncOutside {

	}

	@EnableAsync(proxyTargetClass = true, order = 0)
	static class AsyncInside {

	}

}
