package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * Tells an observer of each call of a driver that fails.
 */
final class ObservedDriver implements LockDriver {

	private final LockDriver driver;

	private final LockObserver observer;

	// What closing ends in the driver is no trouble of the store.
	private volatile boolean closed;

	ObservedDriver(LockDriver driver, LockObserver observer) {
		this.driver = driver;
		this.observer = observer;
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		try {
			return this.driver.acquire(attempt);
		}
		catch (RuntimeException ex) {
			tell(StoreCall.ACQUIRE, ex);
			throw ex;
		}
	}

	@Override
	public List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		return told(StoreCall.ACQUIRE, () -> this.driver.acquireFree(attempts));
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		return told(StoreCall.RENEW, () -> this.driver.renew(holds, lease));
	}

	@Override
	public boolean release(Hold hold) {
		return told(StoreCall.RELEASE, () -> this.driver.release(hold));
	}

	@Override
	public Set<Hold> releaseAll(Collection<Hold> holds) {
		return told(StoreCall.RELEASE, () -> this.driver.releaseAll(holds));
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		return told(StoreCall.LOOK, () -> this.driver.look(key));
	}

	@Override
	public boolean breakHold(Hold hold) {
		return told(StoreCall.RELEASE, () -> this.driver.breakHold(hold));
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return told(StoreCall.REVOKE, () -> this.driver.requestRevocation(hold));
	}

	@Override
	public void onRevocation(Consumer<Hold> listener) {
		this.driver.onRevocation(listener);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.driver.onLoss(listener);
	}

	@Override
	public void close() {
		this.closed = true;
		this.driver.close();
	}

	@Override
	public String toString() {
		return this.driver.toString();
	}

	private <T extends @Nullable Object> T told(StoreCall call, Supplier<T> request) {
		try {
			return request.get();
		}
		catch (RuntimeException ex) {
			tell(call, ex);
			throw ex;
		}
	}

	private void tell(StoreCall call, RuntimeException failure) {
		if (!this.closed) {
			this.observer.storeFailed(call, failure);
		}
	}

}
