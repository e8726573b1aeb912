package org.dragonflow.lock.engine.grant;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.StoreCall;
import org.dragonflow.lock.engine.line.Observers;
import org.dragonflow.lock.engine.threads.Logbook;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * The driver, as the engine sees it. Whatever it throws is told to observers; what it
 * says of several holds is read hold by hold, and what it throws against its contract, an
 * {@link Error} included, leaves the outcome unknown like anything else.
 */
public record Store(LockDriver driver, Observers observers, Logbook log, AtomicBoolean closed) {

	public void listen(Consumer<Hold> lost, Consumer<Hold> revoked) {
		this.driver.onLoss(lost);
		this.driver.onRevocation(revoked);
	}

	@Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		try {
			return this.driver.acquire(attempt);
		}
		catch (RuntimeException | Error ex) {
			tell(StoreCall.ACQUIRE, ex);
			throw ex;
		}
	}

	/**
	 * Takes those of several locks that are free.
	 * @param unknown receives the attempts whose outcome is unknown, with the reason
	 * @return the grants, in the order of the attempts; null in place of those refused or
	 * unknown
	 */
	List<@Nullable Grant> acquireFree(List<LockAttempt> attempts, Map<Hold, LockStoreException> unknown) {
		List<@Nullable Grant> grants;
		try {
			grants = this.driver.acquireFree(attempts);
		}
		catch (Throwable ex) {
			tell(StoreCall.ACQUIRE, ex);
			if (ex instanceof PartialAnswerException partial) {
				unknown.putAll(partial.unknown());
				grants = partial.grants();
			}
			else if (ex instanceof LockStoreException failure) {
				attempts.forEach((attempt) -> unknown.put(attempt.hold(), failure));
				return Collections.nCopies(attempts.size(), null);
			}
			else {
				throw ex;
			}
		}
		if (grants.size() != attempts.size()) {
			throw new IllegalStateException(
					this.driver + " was asked for " + attempts.size() + " locks, but has answered " + grants.size());
		}
		return grants;
	}

	Renewal renew(Collection<Hold> holds, Duration lease) {
		return told(StoreCall.RENEW, () -> this.driver.renew(holds, lease));
	}

	boolean release(Hold hold) {
		try {
			return this.driver.release(hold);
		}
		catch (Throwable ex) {
			throw tell(StoreCall.RELEASE, ex);
		}
	}

	/**
	 * @param unknown receives those whose outcome is unknown, with the reason
	 * @return those whose record was there
	 */
	Set<Hold> releaseAll(Collection<Hold> holds, Map<Hold, LockStoreException> unknown) {
		try {
			return Objects.requireNonNull(this.driver.releaseAll(holds), "released");
		}
		catch (PartialAnswerException ex) {
			tell(StoreCall.RELEASE, ex);
			unknown.putAll(ex.unknown());
			return ex.released();
		}
		catch (Throwable ex) {
			LockStoreException failure = tell(StoreCall.RELEASE, ex);
			holds.forEach((hold) -> unknown.put(hold, failure));
			return Set.of();
		}
	}

	public @Nullable LockRecord look(LockKey key) {
		return told(StoreCall.LOOK, () -> this.driver.look(key));
	}

	public boolean breakHold(Hold hold) {
		return told(StoreCall.RELEASE, () -> this.driver.breakHold(hold));
	}

	public boolean requestRevocation(Hold hold) {
		return told(StoreCall.REVOKE, () -> this.driver.requestRevocation(hold));
	}

	/**
	 * Who holds a lock, in words that go on after "it is", for a message about something
	 * else: so this does not fail.
	 */
	public String describeHolder(LockKey key) {
		try {
			LockRecord found = look(key);
			return (found == null) ? "held by nobody any more" : "held by " + found.hold().owner() + ", for "
					+ found.age().toMillis() + " ms, with " + found.remaining().toMillis() + " ms of its lease left";
		}
		catch (Throwable ex) {
			this.log.debug("Cannot tell who holds " + key, ex);
			return "held by another";
		}
	}

	public void close() {
		this.closed.set(true);
		this.driver.close();
	}

	private <T extends @Nullable Object> T told(StoreCall call, Supplier<T> request) {
		try {
			return request.get();
		}
		catch (Throwable ex) {
			tell(call, ex);
			throw ex;
		}
	}

	// Returns it as what it is to the engine: a store that has not answered.
	private LockStoreException tell(StoreCall call, Throwable failure) {
		LockStoreException unknown = (failure instanceof LockStoreException known) ? known : LockStoreException
			.unreachable("The driver failed in a way that no driver should: " + failure, failure);
		// What closing ends in the driver is no trouble of the store.
		if (!this.closed.get()) {
			this.observers.storeFailed(call, (failure instanceof RuntimeException known) ? known : unknown);
		}
		return unknown;
	}

}
