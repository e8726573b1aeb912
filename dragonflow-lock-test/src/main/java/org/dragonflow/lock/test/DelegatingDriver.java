package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.function.Consumer;

import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * A driver that does what another does, for cases that come between the two. Several
 * holds are taken and released one by one.
 */
class DelegatingDriver implements LockDriver {

	final LockDriver delegate;

	DelegatingDriver(LockDriver delegate) {
		this.delegate = delegate;
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		return this.delegate.acquire(attempt);
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		return this.delegate.renew(holds, lease);
	}

	@Override
	public boolean release(Hold hold) {
		return this.delegate.release(hold);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		return this.delegate.look(key);
	}

	@Override
	public boolean breakHold(Hold hold) {
		return this.delegate.breakHold(hold);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return this.delegate.requestRevocation(hold);
	}

	@Override
	public void onRevocation(Consumer<Hold> listener) {
		this.delegate.onRevocation(listener);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.delegate.onLoss(listener);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

}
