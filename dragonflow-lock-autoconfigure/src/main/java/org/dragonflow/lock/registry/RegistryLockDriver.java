package org.dragonflow.lock.registry;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/**
 * The driver for any lock registry of Spring Integration, so that an application can use
 * this library's API on the registry that it has. It excludes as well as the registry
 * does, and cannot give what the registry lacks:
 * <ul>
 * <li>There are no fencing tokens: each grant has {@link Grant#NO_TOKEN}.</li>
 * <li>Only the client that has a hold can look at it and break it.</li>
 * <li>Where the registry's locks are {@link DistributedLock}s, a hold has the lease that
 * is asked for, and is renewed one by one. Where they are not, such as ZooKeeper's, a
 * hold lasts until it is released as far as this driver can tell, and a loss is told by
 * the release alone.</li>
 * <li>Registries may let different keys share a local lock, so that a key can be refused
 * or waited for while another one is held.</li>
 * <li>Each hold and each waiting attempt has a thread, to which the registry's lock
 * belongs.</li>
 * </ul>
 */
public final class RegistryLockDriver implements LockDriver {

	private final LockRegistry<?> registry;

	private final Set<RegistryHold> attempts = ConcurrentHashMap.newKeySet();

	private final Map<Hold, RegistryHold> holds = new ConcurrentHashMap<>();

	private volatile boolean closed;

	/**
	 * Creates a driver.
	 * @param registry has the locks
	 * @throws IllegalArgumentException if the registry's locks have a lease, but it is
	 * not a {@link RenewableLockRegistry}: holds would end, whatever is done
	 */
	public RegistryLockDriver(LockRegistry<?> registry) {
		boolean leased = registry.obtain("dragonflow-lock") instanceof DistributedLock;
		if (leased != registry instanceof RenewableLockRegistry) {
			throw new IllegalArgumentException("The lock registry " + registry.getClass().getName() + " has locks "
					+ (leased ? "that end with a lease, but does not renew them"
							: "that take no lease, but are renewed")
					+ ": use a registry that is a RenewableLockRegistry of DistributedLocks, or neither");
		}
		this.registry = registry;
	}

	@Override
	public @Nullable Grant acquire(LockAttempt attempt) throws InterruptedException {
		RegistryHold known = this.holds.get(attempt.hold());
		if (known != null) {
			if (known.isRenewed(known.renew(attempt.lease()), Deadline.NEVER)) {
				return new Grant(Grant.NO_TOKEN, known.validUntil());
			}
			release(attempt.hold());
		}
		RegistryHold hold = new RegistryHold(this.registry, attempt);
		boolean taken = false;
		this.attempts.add(hold);
		try {
			// After the attempt is known to close(), so that one of them sees the other.
			failIfClosed(attempt.key(), null);
			taken = hold.take(attempt.waitUntil());
		}
		catch (LockStoreException ex) {
			failIfClosed(attempt.key(), ex);
			throw ex;
		}
		finally {
			this.attempts.remove(hold);
			if (taken) {
				this.holds.put(attempt.hold(), hold);
			}
			else {
				hold.end();
			}
		}
		return taken ? new Grant(Grant.NO_TOKEN, hold.validUntil()) : null;
	}

	@Override
	public Renewal renew(Collection<Hold> holds, Duration lease) {
		Map<RegistryHold, Future<Boolean>> renewals = new HashMap<>();
		Map<Hold, Deadline> renewed = new HashMap<>();
		Set<Hold> lost = new HashSet<>();
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		for (Hold hold : holds) {
			RegistryHold known = this.holds.get(hold);
			if (known == null) {
				lost.add(hold);
				continue;
			}
			try {
				renewals.put(known, known.renew(lease));
			}
			catch (LockStoreException ex) {
				// It is being released at this moment.
				unknown.put(hold, ex);
			}
		}
		// One that hangs must not keep back for too long what is known of the others.
		Deadline patience = Deadline.in(lease.dividedBy(3));
		renewals.forEach((known, renewal) -> {
			try {
				if (known.isRenewed(renewal, patience)) {
					renewed.put(known.hold(), known.validUntil());
				}
				else {
					lost.add(known.hold());
				}
			}
			catch (LockStoreException ex) {
				unknown.put(known.hold(), ex);
			}
		});
		if (!unknown.isEmpty() && unknown.size() == holds.size()) {
			throw unknown.values().iterator().next();
		}
		return new Renewal(renewed, lost, unknown, Set.of());
	}

	@Override
	public boolean release(Hold hold) {
		RegistryHold known = this.holds.get(hold);
		if (known == null) {
			return false;
		}
		try {
			boolean released = known.release();
			forget(hold, known);
			return released;
		}
		catch (LockStoreException ex) {
			if (known.validUntil().hasPassed()) {
				forget(hold, known);
			}
			throw ex;
		}
	}

	private void forget(Hold hold, RegistryHold known) {
		this.holds.remove(hold, known);
		known.end();
	}

	/**
	 * Looks at a hold of this client. A registry does not tell who else holds a lock.
	 * @return the hold of this client, or null if it has none
	 */
	@Override
	public @Nullable LockRecord look(LockKey key) {
		for (Map.Entry<Hold, RegistryHold> held : this.holds.entrySet()) {
			if (held.getKey().key().equals(key) && !held.getValue().validUntil().hasPassed()) {
				return held.getValue().record(Grant.NO_TOKEN);
			}
		}
		return null;
	}

	/**
	 * Does nothing: the engine knows the holds of this client itself, and a registry has
	 * no way to tell another client.
	 * @return false
	 */
	@Override
	public boolean requestRevocation(Hold hold) {
		return false;
	}

	@Override
	public void close() {
		this.closed = true;
		this.attempts.forEach(RegistryHold::interrupt);
		this.holds.values().forEach(RegistryHold::end);
	}

	private void failIfClosed(LockKey key, @Nullable Throwable cause) {
		if (this.closed) {
			throw LockStoreException.refused(
					"Cannot acquire the lock " + key
							+ ": the registry lock driver has been closed; lock before the application shuts down",
					cause);
		}
	}

}
