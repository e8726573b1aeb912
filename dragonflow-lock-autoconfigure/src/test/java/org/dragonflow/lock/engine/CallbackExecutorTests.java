package org.dragonflow.lock.engine;

import java.util.List;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.dragonflow.lock.engine.ScriptedEngine.soon;

/**
 * An executor of the application's that carries what it wants to be told.
 */
@Timeout(60)
class CallbackExecutorTests {

	private static final InheritableThreadLocal<@Nullable String> OF_THE_CALLER = new InheritableThreadLocal<>();

	private final CountDownLatch end = new CountDownLatch(1);

	private final RecordingObserver observer = new RecordingObserver();

	private final Queue<String> carriers = new ConcurrentLinkedQueue<>();

	private final Queue<String> inherited = new ConcurrentLinkedQueue<>();

	private @Nullable ScriptedEngine opened;

	/**
	 * How an executor takes a task, or does not.
	 */
	enum Kind {

		REFUSES {
			@Override
			Executor make() {
				return (task) -> {
					throw new RejectedExecutionException("for the test");
				};
			}
		},

		FAILS {
			@Override
			Executor make() {
				return (task) -> {
					throw new NoClassDefFoundError("for/the/Test");
				};
			}
		},

		HAS_NO_THREAD {
			@Override
			Executor make() {
				return (task) -> {
					throw new OutOfMemoryError("unable to create native thread");
				};
			}
		},

		WAS_SHUT_DOWN {
			@Override
			Executor make() {
				ThreadPoolExecutor pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES,
						new LinkedBlockingQueue<>());
				pool.shutdown();
				return pool;
			}
		},

		RUNS_AT_ONCE {
			@Override
			Executor make() {
				return Runnable::run;
			}
		};

		abstract Executor make();

	}

	@AfterEach
	void close() {
		this.end.countDown();
		OF_THE_CALLER.remove();
		ScriptedEngine fixture = this.opened;
		if (fixture != null) {
			fixture.close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void everythingIsToldAllTheSame(Kind kind) {
		OF_THE_CALLER.set("a user of this thread");
		ScriptedEngine fixture = open(Duration.ofMinutes(10), kind.make());
		AtomicInteger told = new AtomicInteger();
		for (int i = 0; i < 20; i++) {
			LockHandle handle = fixture.acquire("net-" + i);
			handle.onRevocation(() -> told(told));
			handle.onLost(() -> told(told));
			fixture.engine.requestRevocation("net-" + i);
			fixture.lose("net-" + i);
		}
		soon("all actions and events").until(() -> told.get() == 40 && fixture.events.size() == 40);
		soon("all ends of holds").until(() -> this.observer.ended.size() == 20);
		assertThat(this.carriers).as("threads that carry it").doesNotContain(Thread.currentThread().getName());
		assertThat(this.inherited).as("what they have of the caller").isEmpty();
	}

	@Test
	void anExecutorThatHangsHoldsUpNothingButWhatItCarries() {
		ScriptedEngine fixture = open(Duration.ofSeconds(1), (task) -> ScriptedEngine.hang(this.end));
		for (int i = 0; i < 30; i++) {
			fixture.acquire("lost-" + i);
			fixture.lose("lost-" + i);
		}
		LockHandle kept = fixture.acquire("kept");
		int before = fixture.driver.renewals.size();
		soon("renewals").until(() -> fixture.driver.renewals.size() > before + 3);
		assertThat(kept.isHeld()).as("held").isTrue();
		kept.close();
		fixture.engine.lock("lost-1");
		LockHandle lost = fixture.engine.held("lost-1");
		assertThat(lost).isNotNull();
		fixture.others.breakHold(fixture.driver.holdOf("lost-1"));
		soon("a loss that is noticed").until(() -> !lost.isHeld());
		assertThat(fixture.events).as("what it carries").isEmpty();
	}

	@Test
	void aPoolThatIsBusyForAWhileCarriesAllLater() {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(2));
		pool.execute(() -> ScriptedEngine.hang(this.end));
		try {
			ScriptedEngine fixture = open(Duration.ofMinutes(10), pool);
			for (int i = 0; i < 20; i++) {
				fixture.acquire("net-" + i);
				fixture.lose("net-" + i);
			}
			this.end.countDown();
			soon("all events").until(() -> fixture.events.size() == 20);
			assertThat(fixture.events).extracting(LockEvent::objectId).doesNotHaveDuplicates();
			soon("all ends of holds").until(() -> this.observer.ended.size() == 20);
		}
		finally {
			pool.shutdownNow();
		}
	}

	@Test
	void anActionThatIsCarriedLaterRunsThoughItsHandleWasClosedAfterTheLoss() {
		Queue<Runnable> taken = new ConcurrentLinkedQueue<>();
		ScriptedEngine fixture = open(Duration.ofMinutes(10), taken::add);
		AtomicInteger told = new AtomicInteger();
		LockHandle handle = fixture.acquire("net-1");
		handle.onLost(() -> told(told));
		fixture.lose("net-1");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::close);
		soon("the action and the event").until(() -> taken.size() == 2);
		taken.forEach(Runnable::run);
		assertThat(told).as("actions that were run").hasValue(1);
		assertThat(fixture.events).as("events that were told").hasSize(1);
	}

	@Test
	void theEnginesOwnThreadsHaveNothingOfTheCallerEither() {
		OF_THE_CALLER.set("a user of this thread");
		Thread caller = Thread.currentThread();
		ScriptedEngine fixture = open(Duration.ofSeconds(1), null);
		fixture.driver.before = (call, objectIds) -> {
			if (Thread.currentThread() != caller) {
				noteCarrier();
			}
		};
		AtomicInteger told = new AtomicInteger();
		fixture.acquire("net-1").onLost(() -> told(told));
		soon("a renewal").until(() -> !fixture.driver.renewals.isEmpty());
		fixture.lose("net-1");
		soon("the loss").until(() -> told.get() == 1 && !fixture.events.isEmpty());
		soon("the removal of what is left")
			.until(() -> this.carriers.stream().anyMatch((name) -> name.contains("store")));
		assertThat(this.inherited).as("what they have of the caller").isEmpty();
	}

	private ScriptedEngine open(Duration lease, @Nullable Executor executor) {
		ScriptedEngine fixture = new ScriptedEngine(lease, (parts) -> {
			parts.observers = List.of(this.observer);
			parts.listener = (event) -> noteCarrier();
			parts.threads = ThreadSource.PLATFORM.withCallbacks(executor);
		});
		this.opened = fixture;
		return fixture;
	}

	private void told(AtomicInteger count) {
		noteCarrier();
		count.incrementAndGet();
	}

	private void noteCarrier() {
		this.carriers.add(Thread.currentThread().getName());
		String value = OF_THE_CALLER.get();
		if (value != null) {
			this.inherited.add(Thread.currentThread().getName());
		}
	}

}
