package org.dragonflow.lock.autoconfigure;

import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Asks the store once at start, and closes the engine while its store is still there.
 */
final class LockEngineLifecycle implements SmartLifecycle {

	/**
	 * Above connection factories (0), and below web servers and task executors (near the
	 * maximum). Phases stop from high to low: requests and tasks are done by then, and
	 * connections are open still.
	 */
	static final int PHASE = 1000;

	private final LockEngine engine;

	private final LockDriver driver;

	private final LockKey startupKey;

	private final ConfigurableApplicationContext context;

	private volatile boolean running;

	LockEngineLifecycle(LockEngine engine, LockDriver driver, LockKey startupKey,
			ConfigurableApplicationContext context) {
		this.engine = engine;
		this.driver = driver;
		this.startupKey = startupKey;
		this.context = context;
	}

	@Override
	public void start() {
		// A wrong address or a missing table is to be told now, not to the first user.
		this.driver.look(this.startupKey);
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		// A context that is only stopped may be started again; an engine may not.
		if (this.context.isClosed()) {
			this.engine.close();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isPauseable() {
		// A pause would have no meaning for holds, which go on.
		return false;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
