package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.dragonflow.lock.engine.ThreadSource;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * Engines over the driver, as instances of one application.
 */
abstract class EngineBase extends HistoryCases {

	final String objectId = this.key.objectId();

	private final Queue<Instance> instances = new ConcurrentLinkedQueue<>();

	// Started by whichever thread needs one first; cases of the driver alone need none.
	private final Map<String, Instance> partners = new ConcurrentHashMap<>();

	@AfterEach
	final void stopInstances() {
		this.instances.forEach((instance) -> instance.lock().close());
	}

	final Instance one() {
		return this.partners.computeIfAbsent("one", (name) -> start(LONG_LEASE, null));
	}

	final Instance two() {
		return this.partners.computeIfAbsent("two", (name) -> start(LONG_LEASE, null));
	}

	final Instance start(Duration lease, @Nullable Duration maxHold) {
		return stopped(Instance.start(unusedDriver(), this.key.namespace(), lease, maxHold, ThreadSource.PLATFORM));
	}

	final Instance start(LockDriver driver, Duration lease, ThreadSource threads) {
		return stopped(Instance.start(driver, this.key.namespace(), lease, null, threads));
	}

	private Instance stopped(Instance instance) {
		this.instances.add(instance);
		return instance;
	}

	/**
	 * A driver that an engine may own.
	 */
	final LockDriver unusedDriver() {
		try {
			return newDriver();
		}
		catch (Exception ex) {
			throw new AssertionError("Cannot start an instance: " + ex, ex);
		}
	}

	// Not the shortest lease: the engine's threads may be late on a busy machine.
	final Duration engineLease() {
		return shortLease().multipliedBy(2);
	}

}
