package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * The words that tests of the driver are written in.
 */
abstract class EtcdTestBase {

	/**
	 * Longer than anything here takes, unless it hangs.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(30);

	/**
	 * Longer than any test: such a lease does not end by itself.
	 */
	static final Duration LONG = Duration.ofMinutes(10);

	final LockKey key = newKey();

	private final List<AutoCloseable> closeables = new ArrayList<>();

	@AfterEach
	final void closeAll() throws Exception {
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
	}

	final <T extends AutoCloseable> T closing(T closeable) {
		this.closeables.add(0, closeable);
		return closeable;
	}

	static LockKey newKey() {
		return new LockKey("etcd-tests", UUID.randomUUID().toString());
	}

	static LockAttempt attempt(LockKey key, Duration lease, Duration wait) {
		return new LockAttempt(key, "owner/" + UUID.randomUUID(), lease, Deadline.in(wait));
	}

	static LockAttempt attempt(LockKey key) {
		return attempt(key, LONG, Duration.ZERO);
	}

	static LockAttempt waiting(LockKey key) {
		return attempt(key, LONG, LONG);
	}

	static Grant take(LockDriver driver, LockAttempt attempt) throws InterruptedException {
		Grant grant = driver.acquire(attempt);
		if (grant == null) {
			throw new AssertionError("Expected " + attempt + " to be granted, but another holds the lock");
		}
		return grant;
	}

	static <T extends @Nullable Object> CompletableFuture<T> later(Callable<T> call) {
		CompletableFuture<T> result = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				result.complete(call.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}, "etcd-test");
		thread.setDaemon(true);
		thread.start();
		return result;
	}

	/**
	 * Begins to wait, and returns when the waiter is in line.
	 */
	static CompletableFuture<Grant> startWaiting(TestEtcd etcd, LockDriver driver, LockAttempt attempt) {
		int before = etcd.line(attempt.key()).size();
		CompletableFuture<Grant> waiter = later(() -> take(driver, attempt));
		await("the waiter is in line").until(() -> etcd.line(attempt.key()).size() > before);
		return waiter;
	}

	static ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(PATIENCE);
	}

	static void awaitLater(Duration time, String description) {
		long start = System.nanoTime();
		await(description).until(() -> System.nanoTime() - start > time.toNanos());
	}

}
