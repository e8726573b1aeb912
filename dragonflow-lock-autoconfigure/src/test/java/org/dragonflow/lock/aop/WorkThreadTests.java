package org.dragonflow.lock.aop;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is locked beyond its call works on threads of the library, whoever calls,
 * subscribes, asks for more or cancels.
 */
@Timeout(60)
class WorkThreadTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final int CALLS = 20_000;

	private static final int LOCKS = 20;

	private static final InheritableThreadLocal<@Nullable String> CALLER = new InheritableThreadLocal<>();

	private final AnnotationConfigApplicationContext context = AspectFixture.context(EngineConfiguration.class,
			Service.class);

	private final Service service = this.context.getBean(Service.class);

	@BeforeEach
	void beginTransaction() {
		TransactionSynchronizationManager.setActualTransactionActive(true);
	}

	@AfterEach
	void close() {
		TransactionSynchronizationManager.clear();
		CALLER.remove();
		this.context.close();
	}

	@Test
	void theWorkOfAStageIsNeverOnTheThreadOfItsCaller() {
		callOften(this.service::stage);
		assertThatAllWorkWasOnThreadsOfTheLibrary(CALLS);
	}

	@Test
	void theWorkOfAMonoIsNeverOnTheThreadOfItsSubscriber() {
		callOften((id) -> this.service.mono(id).toFuture());
		assertThatAllWorkWasOnThreadsOfTheLibrary(2 * CALLS);
	}

	@Test
	void theWorkOfAFluxIsNeverOnTheThreadOfItsSubscriber() {
		callOften((id) -> this.service.flux(id, 1).next().toFuture());
		assertThatAllWorkWasOnThreadsOfTheLibrary(2 * CALLS);
	}

	/**
	 * Wants some locks at a time, which are free or just being freed.
	 */
	private void callOften(Function<String, CompletableFuture<?>> call) {
		for (int i = 0; i < CALLS / LOCKS; i++) {
			CompletableFuture.allOf(
					IntStream.range(0, LOCKS).mapToObj((id) -> call.apply("id" + id)).toArray(CompletableFuture[]::new))
				.join();
		}
	}

	@Test
	void neitherIsTheWorkForAnElementThatIsAskedForLater() {
		assertThat(this.service.flux("a", 1000).toStream(4)).hasSize(1000);
		assertThatAllWorkWasOnThreadsOfTheLibrary(1001);
	}

	@Test
	void norIsTheEndOfWorkThatIsCancelled() {
		CompletableFuture<Thread> cleaner = new CompletableFuture<>();
		Sinks.One<String> never = Sinks.one();
		Disposable subscription = this.service
			.other("a", never.asMono().doOnCancel(() -> cleaner.complete(Thread.currentThread())))
			.subscribe();
		await("the work").until(() -> never.currentSubscriberCount() == 1);
		subscription.dispose();
		assertThat(cleaner).succeedsWithin(PATIENCE).satisfies((thread) -> assertThat(isOfTheLibrary(thread)).isTrue());
	}

	@Test
	void anEventLoopThatCallsGoesOnWhileTheWorkBlocks() {
		Scheduler loop = Schedulers.newSingle("loop", true);
		CountDownLatch wrote = new CountDownLatch(1);
		Mono<String> blocking = Mono.fromCallable(() -> {
			wrote.await();
			return "done";
		});
		try {
			CompletableFuture<String> result = this.service.other("a", blocking).subscribeOn(loop).toFuture();
			Mono.fromRunnable(wrote::countDown).subscribeOn(loop).block(PATIENCE);
			assertThat(result).succeedsWithin(PATIENCE).isEqualTo("done");
		}
		finally {
			loop.dispose();
		}
	}

	@Test
	void theWorkIsOfTheThreadThatHasWaitedWhicheverIsFaster() {
		List<Thread> threads = new CopyOnWriteArrayList<>();
		CompletableFuture<Thread> worker = new CompletableFuture<>();
		AsyncHold hold = new AsyncHold(new RecordingLock(), LockRequest.of("a"), (task) -> {
			// The wait, and whatever follows it at once, before the caller goes on.
			Thread thread = new Thread(task);
			threads.add(thread);
			thread.start();
			joined(thread);
		});
		hold.begin((handle) -> worker.complete(Thread.currentThread()), worker::completeExceptionally);
		assertThat(worker).isCompletedWithValueMatching((thread) -> thread == threads.get(0));
	}

	@Test
	void theThreadOfTheWorkCarriesNothingOfTheCallersButItsClassLoader() {
		CALLER.set("request 1");
		AtomicReference<@Nullable String> seen = new AtomicReference<>("not called");
		AtomicReference<@Nullable ClassLoader> loader = new AtomicReference<>();
		Thread caller = Thread.currentThread();
		ClassLoader before = caller.getContextClassLoader();
		ClassLoader ofTheApplication = new ClassLoader(before) {
		};
		caller.setContextClassLoader(ofTheApplication);
		try {
			this.service.other("a", Mono.fromRunnable(() -> {
				seen.set(CALLER.get());
				loader.set(Thread.currentThread().getContextClassLoader());
			})).block(PATIENCE);
		}
		finally {
			caller.setContextClassLoader(before);
		}
		assertThat(seen).hasValue(null);
		assertThat(loader).hasValue(ofTheApplication);
	}

	private void assertThatAllWorkWasOnThreadsOfTheLibrary(int count) {
		assertThat(this.service.mistakes()).as("work elsewhere").isEmpty();
		assertThat(this.service.worked()).hasValue(count);
	}

	private static void joined(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static boolean isOfTheLibrary(Thread thread) {
		return thread.getName().startsWith("dragonflow-lock-async");
	}

	static class Service {

		private final Queue<String> mistakes = new ConcurrentLinkedQueue<>();

		private final AtomicInteger worked = new AtomicInteger();

		public Queue<String> mistakes() {
			return this.mistakes;
		}

		public AtomicInteger worked() {
			return this.worked;
		}

		@NbLocked("#id")
		public CompletableFuture<String> stage(String id) {
			work();
			return CompletableFuture.completedFuture(id);
		}

		@NbLocked("#id")
		public Mono<String> mono(String id) {
			work();
			return Mono.fromSupplier(() -> {
				work();
				return id;
			});
		}

		@NbLocked("#id")
		public Flux<Integer> flux(String id, int count) {
			work();
			return Flux.range(0, count).doOnNext((value) -> work());
		}

		@NbLocked("#id")
		public Mono<String> other(String id, Mono<String> work) {
			return work;
		}

		private void work() {
			this.worked.incrementAndGet();
			if (!isOfTheLibrary(Thread.currentThread())
					|| TransactionSynchronizationManager.isActualTransactionActive()) {
				this.mistakes.add(Thread.currentThread().getName());
			}
		}

	}

}
