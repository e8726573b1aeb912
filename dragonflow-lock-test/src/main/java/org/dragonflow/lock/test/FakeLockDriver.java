package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.HandOver;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.local.LocalLockDriver;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * A store of locks in memory for tests of code that locks, which decide when a lease ends
 * and when another instance has a lock. In all else it keeps the contract of
 * {@link LockDriver}. {@link AutoConfigureTestLock} puts it into an application;
 * {@link #newLock()} does without one.
 * <p>
 * What ends is the lease <em>at the store</em>, which then tells the holder, as a real
 * one does at the end of a session. From there on all is as in production:
 * {@link org.dragonflow.lock.LockHandle#isHeld() isHeld} is false,
 * {@link org.dragonflow.lock.LockHandle#onLost onLost} and
 * {@link org.dragonflow.lock.LockLostEvent} come on a thread of the library,
 * {@code unlock} throws, and who waits gets the lock. The clock of the JVM stays as it
 * is: waits last as long as they say, {@link org.dragonflow.lock.LockHandle#remaining()
 * remaining} does not jump, and the renewal that comes after a third of the lease goes
 * on.
 * <p>
 * All methods may be called by any thread.
 */
public final class FakeLockDriver implements LockDriver {

	private static final Duration LEASE = Duration.ofMinutes(1);

	private final String namespace;

	private final LocalLockDriver client;

	// Shared by all clients of the store.
	private final Map<LockKey, Held> held;

	private volatile Consumer<Hold> lossListener = (hold) -> {
	};

	/**
	 * Creates a store for the namespace that applications have by default.
	 */
	public FakeLockDriver() {
		this("dragonflow");
	}

	/**
	 * Creates a store.
	 * @param namespace the namespace that its methods on object ids are about
	 */
	public FakeLockDriver(String namespace) {
		this(namespace, new LocalLockDriver(), new ConcurrentHashMap<>());
	}

	private FakeLockDriver(String namespace, LocalLockDriver client, Map<LockKey, Held> held) {
		this.namespace = namespace;
		this.client = client;
		this.held = held;
	}

	/**
	 * Another client of the same store, as another instance has it.
	 * @return a new client
	 */
	public FakeLockDriver newClient() {
		return new FakeLockDriver(this.namespace, this.client.newClient(), this.held);
	}

	/**
	 * A lock in this store, for a test without an application. Each one is an instance of
	 * its own: two of them exclude each other.
	 * @return a new lock, with a lease of a minute, to be closed after the test
	 */
	public LockEngine newLock() {
		return newLock((event) -> {
		});
	}

	/**
	 * A lock in this store, for a test without an application.
	 * @param listener is told of each event once, on a thread of the lock
	 * @return a new lock, with a lease of a minute, to be closed after the test
	 */
	public LockEngine newLock(Consumer<? super LockEvent> listener) {
		return new LockEngine(newClient(), new EngineSettings(this.namespace, EngineSettings.newInstanceName(), LEASE,
				null, null, HandOver.DEFAULT), listener);
	}

	/**
	 * Lets time go by at the store for all holds, as if no renewal had come through
	 * meanwhile. Those whose lease ends by this are lost. A hold that is renewed later
	 * has its whole lease again.
	 * @param time how long; not negative
	 */
	public void advance(Duration time) {
		if (time.isNegative()) {
			throw new IllegalArgumentException("Time does not go back, but was to go by " + time);
		}
		this.held.replaceAll((key, found) -> found.older(time));
		this.held.forEach((key, found) -> {
			LockRecord record = look(key);
			if (record == null || record.remaining().isZero()) {
				end(found);
			}
		});
	}

	/**
	 * Ends the lease of whoever holds a lock, in this instance or another.
	 * @param objectId what is held
	 * @throws IllegalStateException if nobody holds it
	 */
	public void expire(String objectId) {
		LockKey key = new LockKey(this.namespace, objectId);
		Held found = this.held.get(key);
		if (found == null || this.client.look(key) == null) {
			throw new IllegalStateException(
					"Nobody holds '" + objectId + "' in the namespace '" + this.namespace + "', so no lease can end");
		}
		end(found);
	}

	/**
	 * Lets another instance take a lock, until it is {@link #releaseElsewhere released}
	 * or {@link #expire expired}.
	 * @param objectId what to take
	 * @throws IllegalStateException if somebody holds it already
	 */
	public void holdElsewhere(String objectId) {
		LockKey key = new LockKey(this.namespace, objectId);
		LockAttempt attempt = new LockAttempt(key, "elsewhere-" + UUID.randomUUID(), Duration.ofDays(1),
				Deadline.in(Duration.ZERO));
		try {
			if (newClient().acquire(attempt) == null) {
				throw new IllegalStateException("'" + objectId + "' is held already");
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("An attempt that does not wait was interrupted", ex);
		}
	}

	/**
	 * Lets the other instance release what it has taken by {@link #holdElsewhere}.
	 * @param objectId what to release
	 * @throws IllegalStateException if it does not hold that
	 */
	public void releaseElsewhere(String objectId) {
		Held found = this.held.get(new LockKey(this.namespace, objectId));
		if (found == null || !found.hold().owner().startsWith("elsewhere-") || !release(found.hold())) {
			throw new IllegalStateException("'" + objectId + "' is not held elsewhere");
		}
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		Grant grant = this.client.acquire(attempt);
		if (grant != null) {
			this.held.put(attempt.key(), new Held(this, attempt.hold(), Duration.ZERO));
		}
		return grant;
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Renewal renewal = this.client.renew(holds, lease);
		Set<Hold> renewed = new HashSet<>(holds);
		renewed.removeAll(renewal.lost());
		renewed.forEach((hold) -> this.held.computeIfPresent(hold.key(),
				(key, found) -> found.hold().equals(hold) ? found.young() : found));
		return renewal;
	}

	@Override
	public boolean release(Hold hold) {
		// Before the store lets the next one in, whose entry would be removed otherwise.
		this.held.computeIfPresent(hold.key(), (key, found) -> found.hold().equals(hold) ? null : found);
		return this.client.release(hold);
	}

	@Override
	public @Nullable LockRecord look(LockKey key) {
		LockRecord record = this.client.look(key);
		Held found = this.held.get(key);
		if (record == null || found == null || !found.hold().equals(record.hold())) {
			return record;
		}
		Duration remaining = record.remaining().minus(found.elapsed());
		return new LockRecord(record.hold(), record.token(), record.age().plus(found.elapsed()),
				remaining.isNegative() ? Duration.ZERO : remaining);
	}

	@Override
	public boolean requestRevocation(Hold hold) {
		return this.client.requestRevocation(hold);
	}

	@Override
	public void onLoss(Consumer<Hold> listener) {
		this.lossListener = listener;
	}

	@Override
	public void close() {
		this.client.close();
	}

	String namespace() {
		return this.namespace;
	}

	private void end(Held found) {
		// The holder first: it knows of its loss before another can have the lock.
		found.client().lossListener.accept(found.hold());
		release(found.hold());
	}

	/**
	 * What the store has in memory beside the local one's record.
	 *
	 * @param client whose hold it is
	 * @param hold who holds what
	 * @param elapsed the time that was let go by since the grant or the last renewal
	 */
	private record Held(FakeLockDriver client, Hold hold, Duration elapsed) {

		Held older(Duration time) {
			return new Held(this.client, this.hold, this.elapsed.plus(time));
		}

		Held young() {
			return new Held(this.client, this.hold, Duration.ZERO);
		}

	}

}
