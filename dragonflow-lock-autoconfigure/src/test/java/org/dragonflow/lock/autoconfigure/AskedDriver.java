package org.dragonflow.lock.autoconfigure;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * A driver outside the library, which remembers what it was asked for and can be out of
 * order.
 */
final class AskedDriver implements LockDriver {

	final List<LockKey> asked = new CopyOnWriteArrayList<>();

	private final LockDriver delegate;

	private final @Nullable LockStoreException failure;

	AskedDriver(LockDriver delegate) {
		this(delegate, null);
	}

	AskedDriver(LockDriver delegate, @Nullable LockStoreException failure) {
		this.delegate = delegate;
		this.failure = failure;
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
		this.asked.add(key);
		if (this.failure != null) {
			throw this.failure;
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
