package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import com.zaxxer.hikari.HikariDataSource;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.jdbc.JdbcLockDriver;
import org.dragonflow.lock.jdbc.JdbcLockSettings;
import org.dragonflow.lock.test.servers.Database;
import org.jspecify.annotations.Nullable;

/**
 * An application's instance: an engine beside the application's own pool of connections,
 * and what the application was told.
 *
 * @param lock the engine
 * @param events the losses, in order
 * @param pool the application's connections
 */
record Client(LockEngine lock, List<LockEvent> events, HikariDataSource pool) implements AutoCloseable {

	/**
	 * How long the driver waits for a connection and for an answer.
	 */
	static final Duration TIMEOUT = Duration.ofSeconds(1);

	static Client start(Database database, Duration lease) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(database.jdbcUrl());
		pool.setUsername(database.username());
		pool.setPassword(database.password());
		JdbcLockSettings settings = new JdbcLockSettings(JdbcLockSettings.DEFAULT_TABLE, null, TIMEOUT,
				Duration.ofMillis(50));
		List<LockEvent> events = new CopyOnWriteArrayList<>();
		LockEngine engine = new LockEngine(JdbcLockDriver.beside(pool, settings, 4),
				new EngineSettings("faults", EngineSettings.newInstanceName(), lease, null, null), events::add);
		return new Client(engine, events, pool);
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
		this.pool.close();
	}

}
