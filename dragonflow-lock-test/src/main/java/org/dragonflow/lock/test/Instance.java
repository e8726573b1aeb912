package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.engine.Transactions;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;

/**
 * An engine as an application's instance has it, with the events that it published.
 *
 * @param lock the engine
 * @param events what it has told the application, in order
 */
record Instance(LockEngine lock, List<LockEvent> events) {

	static Instance start(LockDriver driver, String namespace, Duration lease, @Nullable Duration maxHold) {
		return start(driver, namespace, lease, maxHold, ThreadSource.PLATFORM);
	}

	static Instance start(LockDriver driver, String namespace, Duration lease, @Nullable Duration maxHold,
			ThreadSource threads) {
		List<LockEvent> events = new CopyOnWriteArrayList<>();
		EngineSettings settings = new EngineSettings(namespace, EngineSettings.newInstanceName(), lease, null, maxHold,
				HandOver.DEFAULT);
		return new Instance(new LockEngine(driver, settings, events::add, Transactions.NONE, List.of(), threads),
				events);
	}

	/**
	 * This thread's hold, which must be there.
	 */
	LockHandle held(String objectId) {
		LockHandle held = this.lock.held(objectId);
		if (held == null) {
			throw new AssertionError("Expected this thread to have a hold of " + objectId + ", but it has none");
		}
		return held;
	}

	/**
	 * Counts how many times a hold is told to be lost.
	 */
	static AtomicInteger countLosses(LockHandle handle) {
		AtomicInteger losses = new AtomicInteger();
		handle.onLost(losses::incrementAndGet);
		return losses;
	}

}
