package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.curator.framework.CuratorFramework;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.zookeeper.TestClients;
import org.dragonflow.lock.zookeeper.ZooKeeperLockDriver;
import org.dragonflow.lock.zookeeper.ZooKeeperLockSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that lock in a ZooKeeper which is about to fail, and the words that the
 * cases are written in.
 */
abstract class ZooKeeperFaultBase {

	/**
	 * Longer than anything here takes, unless it hangs.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(40);

	/**
	 * Longer than any fault that a hold shall outlive.
	 */
	static final Duration LONG_LEASE = Duration.ofSeconds(60);

	static final Duration SHORT_LEASE = Duration.ofSeconds(4);

	static final Duration TIMEOUT = Duration.ofSeconds(2);

	private static final String NAMESPACE = "faults";

	private final List<Instance> instances = new ArrayList<>();

	// Applications that other tests share go on.
	private final Set<Thread> before = Thread.getAllStackTraces().keySet();

	@AfterEach
	final void closeInstances() {
		this.instances.forEach((instance) -> instance.lock().close());
		this.instances.clear();
		await("all threads of closed engines have ended").until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("dragonflow-lock") && !this.before.contains(thread)));
	}

	/**
	 * An application whose session lasts as long as its leases.
	 */
	final Instance instance(String connectString, Duration lease) {
		return instance(connectString, lease, TIMEOUT);
	}

	final Instance instance(String connectString, Duration lease, Duration timeout) {
		CuratorFramework client = TestClients.connect(connectString, lease, timeout);
		List<LockEvent> events = new CopyOnWriteArrayList<>();
		LockEngine engine = new LockEngine(
				ZooKeeperLockDriver.owning(client,
						new ZooKeeperLockSettings(ZooKeeperLockSettings.DEFAULT_ROOT, timeout, false)),
				new EngineSettings(NAMESPACE, EngineSettings.newInstanceName(), lease, null, null, HandOver.DEFAULT),
				events::add);
		Instance instance = new Instance(engine, client, events);
		this.instances.add(instance);
		return instance;
	}

	static LockKey key(String id) {
		return new LockKey(NAMESPACE, id);
	}

	final CompletableFuture<LockHandle> waitingFor(Instance instance, String id) {
		CompletableFuture<LockHandle> waiter = instance.acquireLater(LockRequest.of(id));
		await("the waiter waits").during(Duration.ofMillis(500)).until(() -> !waiter.isDone());
		return waiter;
	}

	/**
	 * When the loss of a hold was told.
	 */
	static AtomicLong lossOf(LockHandle hold) {
		AtomicLong told = new AtomicLong();
		hold.onLost(() -> told.set(System.nanoTime()));
		return told;
	}

	static void assertServedAfter(LockHandle earlier, CompletableFuture<LockHandle> waiter) {
		assertThat(waiter).as("the waiter").succeedsWithin(PATIENCE).satisfies((hold) -> {
			assertThat(hold.isHeld()).as("whether the waiter holds the lock").isTrue();
			assertThat(hold.fencingToken()).as("its token").isGreaterThan(earlier.fencingToken());
			hold.close();
		});
	}

	static void assertNothingIsLeft(String connectString, String id) {
		try (CuratorFramework admin = TestClients.connect(connectString, TestClients.LONG_SESSION)) {
			await("no node is left").until(() -> TestClients.nodes(admin, key(id)).isEmpty());
		}
	}

	static void awaitLater(Duration time, String description) {
		long start = System.nanoTime();
		await(description).until(() -> System.nanoTime() - start > time.toNanos());
	}

	static ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(PATIENCE).ignoreExceptions();
	}

	/**
	 * An application's instance.
	 *
	 * @param lock the engine
	 * @param client the driver's own
	 * @param events the losses, in order
	 */
	record Instance(LockEngine lock, CuratorFramework client, List<LockEvent> events) {

		LockHandle acquire(String id) throws InterruptedException {
			return this.lock.acquire(LockRequest.of(id));
		}

		CompletableFuture<LockHandle> acquireLater(LockRequest request) {
			return later(() -> this.lock.acquire(request));
		}

		<T extends @Nullable Object> CompletableFuture<T> later(Callable<T> call) {
			CompletableFuture<T> result = new CompletableFuture<>();
			Thread thread = new Thread(() -> {
				try {
					result.complete(call.call());
				}
				catch (Throwable ex) {
					result.completeExceptionally(ex);
				}
			}, "client");
			thread.setDaemon(true);
			thread.start();
			return result;
		}

	}

}
