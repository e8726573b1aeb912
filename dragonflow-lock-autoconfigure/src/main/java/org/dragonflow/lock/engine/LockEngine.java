package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.function.Consumer;

import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.spi.LockDriver;
import org.jspecify.annotations.Nullable;

/**
 * The lock's semantics on top of any driver.
 */
public final class LockEngine implements DistributedLock, AutoCloseable {

	public LockEngine(LockDriver driver, EngineSettings settings, Consumer<LockLostEvent> lossListener) {
		throw new IllegalStateException("under construction");
	}

	@Override
	public void lock(String objectId, boolean block) {
		throw new IllegalStateException("under construction");
	}

	@Override
	public LockHandle lock(LockRequest request) {
		throw new IllegalStateException("under construction");
	}

	@Override
	public boolean tryLock(String objectId, Duration wait) throws InterruptedException {
		throw new IllegalStateException("under construction");
	}

	@Override
	public void unlock(String objectId) {
		throw new IllegalStateException("under construction");
	}

	@Override
	public LockHandle acquire(LockRequest request) throws InterruptedException {
		throw new IllegalStateException("under construction");
	}

	@Override
	public @Nullable LockHandle held(String objectId) {
		return null;
	}

	/**
	 * Stops granting, tells holders that their holds end, releases these, and closes the
	 * driver.
	 */
	@Override
	public void close() {
		throw new IllegalStateException("under construction");
	}

}
