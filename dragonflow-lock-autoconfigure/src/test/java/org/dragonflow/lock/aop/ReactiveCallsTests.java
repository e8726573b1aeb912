package org.dragonflow.lock.aop;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.NbLocked;
import org.dragonflow.lock.aop.EngineConfiguration.Instances;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Subscriptions to what a method returns are locked until they have ended.
 */
@Timeout(60)
class ReactiveCallsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final AnnotationConfigApplicationContext context = AspectFixture.context(EngineConfiguration.class,
			Service.class);

	private final Instances instances = this.context.getBean(Instances.class);

	private final Service service = this.context.getBean(Service.class);

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void eachSubscriptionHasAHoldOfItsOwn() {
		List<Boolean> held = new CopyOnWriteArrayList<>();
		Mono<Boolean> mono = this.service.mono("a", Mono.fromSupplier(() -> this.instances.isHeld("a")));
		assertThat(this.instances.isHeld("a")).as("held before a subscription").isFalse();
		for (int i = 0; i < 2; i++) {
			mono.doOnNext(held::add).doOnNext((value) -> held.add(this.instances.isHeld("a"))).block(PATIENCE);
		}
		assertThat(held).as("held inside, and when the value comes").containsExactly(true, false, true, false);
	}

	@Test
	void theMethodFindsItsHoldAndItsWorkFindsItInTheContext() {
		List<Long> seen = new CopyOnWriteArrayList<>();
		Mono<Boolean> onAnotherThread = Mono.<Boolean>deferContextual((context) -> {
			LockHandle hold = context.get(LockHandle.class);
			seen.add(hold.fencingToken());
			assertThatIllegalStateException().isThrownBy(hold::close);
			return Mono.just(hold.isHeld());
		}).subscribeOn(Schedulers.parallel());
		Supplier<Mono<Boolean>> method = () -> {
			LockHandle held = this.instances.engine().held("a");
			assertThat(held).as("the hold inside the method").isNotNull();
			seen.add(held.fencingToken());
			return onAnotherThread;
		};
		assertThat(this.service.calledMono("a", method).block(PATIENCE)).as("held in the work").isTrue();
		assertThat(this.service.calledFlux("a", () -> method.get().flux()).blockLast(PATIENCE)).as("held in the work")
			.isTrue();
		assertThat(seen).as("the tokens inside the methods, and in their work").hasSize(4);
		assertThat(seen.get(1)).isEqualTo(seen.get(0)).isLessThan(seen.get(2));
		assertThat(seen.get(3)).isEqualTo(seen.get(2));
		Mono<Boolean> downstream = this.service.mono("a", Mono.just(true))
			.flatMap((value) -> Mono.deferContextual((context) -> Mono.just(context.hasKey(LockHandle.class))));
		assertThat(downstream.block(PATIENCE)).as("seen by the caller").isFalse();
	}

	@Test
	void aMonoWithoutAValueIsLockedToo() {
		assertThat(this.service.mono("a", Mono.empty()).block(PATIENCE)).isNull();
		assertThat(this.instances.isHeld("a")).isFalse();
	}

	@Test
	void anErrorReleasesAndIsPassedOn() {
		Mono<Boolean> mono = this.service.mono("a", Mono.error(new IOException("failed")));
		assertThat(mono.toFuture()).failsWithin(PATIENCE)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(IOException.class);
		Flux<Integer> flux = this.service.flux("a", Flux.error(new IOException("failed")));
		assertThat(flux.then().toFuture()).failsWithin(PATIENCE)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(IOException.class);
		assertThat(this.instances.isHeld("a")).isFalse();
	}

	@Test
	void aCancellationOfTheWorkReleases() {
		Sinks.One<Boolean> never = Sinks.one();
		Disposable mono = this.service.mono("a", never.asMono()).subscribe();
		await("the subscription").until(() -> never.currentSubscriberCount() == 1);
		mono.dispose();
		await("the release").until(() -> !this.instances.isHeld("a"));
		assertThat(this.service.flux("a", Flux.range(0, 10)).take(2).collectList().block(PATIENCE)).containsExactly(0,
				1);
		await("the release").until(() -> !this.instances.isHeld("a"));
	}

	@Test
	void aCancellationEndsTheWaitAndLeavesNothing() {
		this.instances.other().lock("a");
		CompletableFuture<String> worked = new CompletableFuture<>();
		Disposable mono = this.service.mono("a", Mono.fromRunnable(() -> worked.complete("although it was cancelled")))
			.subscribe();
		mono.dispose();
		this.instances.other().unlock("a");
		this.instances.engine().lock("a");
		this.instances.engine().unlock("a");
		assertThat(this.instances.isHeld("a")).isFalse();
		assertThat(worked).isNotDone();
	}

	@Test
	void aFluxIsAskedForNoMoreThanItsSubscriberWants() {
		List<Long> requests = new CopyOnWriteArrayList<>();
		List<Integer> values = new CopyOnWriteArrayList<>();
		BaseSubscriber<Integer> one = new BaseSubscriber<>() {

			@Override
			protected void hookOnSubscribe(Subscription subscription) {
				subscription.request(1);
			}

			@Override
			protected void hookOnNext(Integer value) {
				values.add(value);
			}

		};
		this.service.flux("a", Flux.range(0, 10).doOnRequest(requests::add)).subscribe(one);
		await("the first value").until(() -> values.size() == 1);
		assertThat(this.instances.isHeld("a")).as("held between two values").isTrue();
		one.request(1);
		await("the second value").until(() -> values.size() == 2);
		assertThat(requests).containsExactly(1L, 1L);
		one.cancel();
		await("the release").until(() -> !this.instances.isHeld("a"));
	}

	@Test
	void theSubscribersThreadIsNotBlocked() {
		Scheduler loop = Schedulers.newSingle("loop", true);
		try {
			on(loop, () -> this.instances.other().lock("a"));
			CompletableFuture<Boolean> result = this.service.mono("a", Mono.just(true)).subscribeOn(loop).toFuture();
			CompletableFuture<List<Integer>> results = this.service.flux("a", Flux.range(0, 3))
				.subscribeOn(loop)
				.collectList()
				.toFuture();
			on(loop, () -> this.instances.other().unlock("a"));
			assertThat(result).succeedsWithin(PATIENCE).isEqualTo(true);
			assertThat(results).succeedsWithin(PATIENCE).isEqualTo(List.of(0, 1, 2));
		}
		finally {
			loop.dispose();
		}
	}

	@Test
	void aSubscriberThatHoldsTheLockItselfIsRefused() {
		this.instances.engine().lock("a");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.service.mono("a", Mono.empty()).block(PATIENCE))
			.withMessageContaining("'a'");
		this.instances.engine().unlock("a");
	}

	@Test
	void aLossIsToldAlthoughTheWorkIsDone() {
		try (AnnotationConfigApplicationContext recording = AspectFixture.context(Service.class)) {
			LockLostException lost = new LockLostException("a", "gone");
			recording.getBean(RecordingLock.class).failureOfRelease = lost;
			Service locked = recording.getBean(Service.class);
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> locked.mono("a", Mono.just(true)).block(PATIENCE));
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> locked.flux("a", Flux.range(0, 3)).blockLast(PATIENCE));
			assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> locked.mono("a", Mono.error(new UnsupportedOperationException())).block(PATIENCE))
				.satisfies((ex) -> assertThat(ex.getSuppressed()).contains(lost));
		}
	}

	private static void on(Scheduler loop, Runnable action) {
		Mono.fromRunnable(action).subscribeOn(loop).block(PATIENCE);
	}

	static class Service {

		@NbLocked("#id")
		public Mono<Boolean> mono(String id, Mono<Boolean> work) {
			return work;
		}

		@NbLocked("#id")
		public Mono<Boolean> calledMono(String id, Supplier<Mono<Boolean>> work) {
			return work.get();
		}

		@NbLocked("#id")
		public Flux<Boolean> calledFlux(String id, Supplier<Flux<Boolean>> work) {
			return work.get();
		}

		@NbLocked("#id")
		public Flux<Integer> flux(String id, Flux<Integer> work) {
			return work;
		}

	}

}
