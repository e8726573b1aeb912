package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.local.LocalLockDriver;

/**
 * An engine over a driver that does as a test says, with parts that a test may choose,
 * and the store as other instances see it.
 */
final class ScriptedEngine implements AutoCloseable {

	final LocalLockDriver others = new LocalLockDriver();

	final ScriptedDriver driver = new ScriptedDriver(this.others.newClient());

	final List<LockEvent> events = new CopyOnWriteArrayList<>();

	final LockEngine engine;

	ScriptedEngine(Duration lease) {
		this(lease, (parts) -> {
		});
	}

	ScriptedEngine(Duration lease, Consumer<Parts> choice) {
		Parts parts = new Parts();
		choice.accept(parts);
		EngineSettings settings = new EngineSettings(EngineFixture.NAMESPACE, EngineSettings.newInstanceName(), lease,
				null, null, parts.handOver, parts.warnAfter);
		this.engine = new LockEngine(this.driver, settings, (event) -> {
			this.events.add(event);
			parts.listener.accept(event);
		}, parts.transactions, parts.observers, parts.threads);
	}

	LockHandle acquire(String... objectIds) {
		try {
			return this.engine.acquire(LockRequest.of(List.of(objectIds)));
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	boolean isFreeForOthers(String objectId) {
		return this.others.look(EngineFixture.key(objectId)) == null;
	}

	/**
	 * The store ends a hold, and the driver has heard of that.
	 */
	void lose(String objectId) {
		this.others.breakHold(this.driver.holdOf(objectId));
		this.driver.lossListener.accept(this.driver.holdOf(objectId));
	}

	@Override
	public void close() {
		this.driver.before = ScriptedDriver.Step.NONE;
		this.driver.after = ScriptedDriver.Step.NONE;
		this.engine.close();
		this.others.close();
	}

	/**
	 * Awaits what takes no time of its own.
	 */
	static ConditionFactory soon(String what) {
		return Awaitility.await(what).pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(20));
	}

	/**
	 * Does something on a thread of its own.
	 */
	static <T> CompletableFuture<T> async(CallableStep<T> step) {
		CompletableFuture<T> result = new CompletableFuture<>();
		startThread(() -> {
			try {
				result.complete(step.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		});
		return result;
	}

	static Thread startThread(Runnable task) {
		Thread thread = new Thread(task);
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	/**
	 * Hangs, for longer than any test.
	 */
	static void hang(CountDownLatch until) {
		try {
			until.await(1, TimeUnit.MINUTES);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * What an engine is made of, where a test does not say.
	 */
	static final class Parts {

		HandOver handOver = HandOver.NONE;

		Duration warnAfter = EngineSettings.WARN_AFTER;

		Consumer<LockEvent> listener = (event) -> {
		};

		Transactions transactions = Transactions.NONE;

		List<? extends LockObserver> observers = List.of();

		ThreadSource threads = ThreadSource.PLATFORM;

	}

	/**
	 * Something that may fail.
	 */
	interface CallableStep<T> {

		T call() throws Exception;

	}

}
