package org.dragonflow.lock.actuate;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * A working driver that fails, or keeps whoever looks waiting, when told to.
 */
final class SilentDriver implements LockDriver {

	volatile @Nullable LockStoreException failure;

	volatile @Nullable CountDownLatch silentUntil;

	volatile boolean renewalsFail;

	private final LocalLockDriver delegate = new LocalLockDriver();

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		return this.delegate.acquire(attempt);
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		if (this.renewalsFail) {
			throw LockStoreException.unreachable("no answer", null);
		}
		return this.delegate.renew(holds, lease);
	}

	@Override
	public boolean release(Hold hold) {
		return this.delegate.release(hold);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		LockStoreException failure = this.failure;
		if (failure != null) {
			throw failure;
		}
		CountDownLatch silentUntil = this.silentUntil;
		if (silentUntil != null) {
			try {
				silentUntil.await();
			}
			catch (InterruptedException ex) {
				throw LockStoreException.unreachable("interrupted", ex);
			}
		}
		return this.delegate.look(key);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return this.delegate.requestRevocation(hold);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

}
