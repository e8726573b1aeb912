package org.dragonflow.lock.integration;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;

import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.ExpirableLockRegistry;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/**
 * Spring Integration's lock registry, for whatever takes one: leader initiators,
 * aggregators, lock advice. A key is locked as its {@link String#valueOf(Object) text},
 * so it is the same lock as that of an equal object id.
 * <p>
 * The locks are stateless views, which belong to the thread that locks, and are
 * reentrant. There is nothing to expire, and holds are renewed in the background. Where a
 * hold was lost, {@code unlock} throws {@link LockLostException}.
 * <p>
 * Where threads of this JVM would wait for each other, a timed {@code tryLock} is false
 * at the end of its time. A {@code lock} or {@code lockInterruptibly} would wait for
 * ever, and is an {@link IllegalStateException} that names the threads.
 */
public final class DragonflowLockRegistry
		implements ExpirableLockRegistry<DistributedLock>, RenewableLockRegistry<DistributedLock> {

	private final org.dragonflow.lock.DistributedLock locks;

	private final Set<LockRequest.Option> options;

	private final Set<LockRequest.Option> triedOptions;

	/**
	 * Creates a registry.
	 * @param locks does the locking
	 * @param options what is to be otherwise than usual, for each of its locks
	 */
	public DragonflowLockRegistry(org.dragonflow.lock.DistributedLock locks, LockRequest.Option... options) {
		this.locks = locks;
		this.options = Set.of(options);
		EnumSet<LockRequest.Option> tried = EnumSet.of(LockRequest.Option.WAIT_IN_CYCLES, options);
		this.triedOptions = Set.copyOf(tried);
	}

	/**
	 * The lock of a key. Makes no remote call.
	 * @param lockKey what to lock; its text must not be empty
	 * @return the lock
	 * @throws IllegalArgumentException if the key is null or its text is empty
	 */
	@Override
	public DistributedLock obtain(Object lockKey) {
		return new RegistryLock(this.locks, objectId(lockKey), this.options, this.triedOptions);
	}

	/**
	 * Does nothing: no lock is kept here.
	 */
	@Override
	public void expireUnusedOlderThan(long age) {
	}

	/**
	 * Checks that the calling thread holds the lock. It is renewed in the background.
	 * @param lockKey what is locked
	 * @throws IllegalMonitorStateException if this thread does not hold the lock
	 * @throws LockLostException if the hold was lost
	 */
	@Override
	public void renewLock(Object lockKey) {
		String objectId = objectId(lockKey);
		LockHandle hold = this.locks.held(objectId);
		if (hold == null) {
			throw new IllegalMonitorStateException("This thread does not hold the lock on '" + objectId + "'");
		}
		if (!hold.isHeld()) {
			throw new LockLostException(objectId, "The lock on '" + objectId + "' was lost, and cannot be renewed");
		}
	}

	/**
	 * As {@link #renewLock(Object)}: the lease of a hold stays what it is.
	 */
	@Override
	public void renewLock(Object lockKey, Duration ttl) {
		renewLock(lockKey);
	}

	private static String objectId(Object lockKey) {
		if (lockKey == null) {
			throw new IllegalArgumentException("The key of a lock must not be null");
		}
		String objectId = String.valueOf(lockKey);
		if (objectId.isEmpty()) {
			throw new IllegalArgumentException("The key of a lock must not be empty");
		}
		return objectId;
	}

}
