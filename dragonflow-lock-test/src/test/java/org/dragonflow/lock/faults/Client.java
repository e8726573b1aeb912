package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;

/**
 * An application's instance: an engine, the application's own connections, and what the
 * application was told.
 *
 * @param lock the engine
 * @param events the losses, in order
 * @param connections the application's own
 */
record Client(LockEngine lock, List<LockEvent> events, AutoCloseable connections) implements AutoCloseable {

	/**
	 * How long the driver waits for a connection and for an answer.
	 */
	static final Duration TIMEOUT = Duration.ofSeconds(1);

	static Client start(LockDriver driver, AutoCloseable connections, Duration lease) {
		List<LockEvent> events = new CopyOnWriteArrayList<>();
		LockEngine engine = new LockEngine(driver,
				new EngineSettings("faults", EngineSettings.newInstanceName(), lease, null, null, HandOver.DEFAULT),
				events::add);
		return new Client(engine, events, connections);
	}

	LockHandle acquire(String objectId) throws InterruptedException {
		return this.lock.acquire(LockRequest.of(objectId));
	}

	/**
	 * Begins to acquire on a thread of its own.
	 */
	CompletableFuture<LockHandle> acquireLater(LockRequest request) {
		return later(() -> this.lock.acquire(request));
	}

	/**
	 * Makes a call on a thread of its own.
	 */
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

	@Override
	public void close() {
		this.lock.close();
		try {
			this.connections.close();
		}
		catch (Exception ex) {
			throw new IllegalStateException("The application's connections do not close", ex);
		}
	}

}
