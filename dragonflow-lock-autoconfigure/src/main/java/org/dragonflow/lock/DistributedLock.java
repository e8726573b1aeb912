package org.dragonflow.lock;

import java.time.Duration;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;

/**
 * Mutual exclusion by object id, between all threads of all instances that use the same
 * store and namespace. Two ids are the same lock exactly if they are equal strings.
 * <p>
 * Two styles, which exclude each other like any two holders:
 * <ul>
 * <li>{@link #lock(String) lock}, {@link #tryLock tryLock} and {@link #unlock unlock}
 * belong to the calling thread and are reentrant per id;</li>
 * <li>{@link #acquire acquire} returns a {@link LockHandle} that belongs to whoever has
 * it, and may be closed by any thread. It is not reentrant.</li>
 * </ul>
 * What a thread has locked inside a Spring-managed transaction is held until that
 * transaction has completed, also after its last {@code unlock}: whoever comes next sees
 * what was committed. Locking again inside the transaction does not wait. A transaction
 * whose hold was lost is not committed, but rolled back with a {@link LockLostException};
 * a loss between this check and the end of the commit is published and logged only. What
 * was locked before the transaction began, and what a handle of {@code acquire} holds, is
 * released where the caller says so.
 * <p>
 * A hold lasts as long as its lease, which is renewed in the background until it is
 * released. Where renewal fails, the hold is <em>lost</em> before another can have it.
 * See {@link LockHandle#isHeld()}.
 * <p>
 * An id is any non-empty string of well-formed Unicode, of any length. To lock a null or
 * empty id, or one with an unpaired surrogate, is an {@link IllegalArgumentException}.
 * All methods may be called by any thread, virtual threads included. An attempt to lock
 * is an {@link IllegalStateException} after shutdown has begun, and where the threads of
 * this JVM would wait for each other, because they lock the same ids in different orders:
 * that which would close the circle is told, and what it holds is not touched.
 *
 * @see NbLocked
 */
public interface DistributedLock {

	/**
	 * Waits for the lock, for as long as the configured {@code dragonflow.lock.wait} says
	 * (without bound by default). An interrupt does not end the wait; the thread's flag
	 * is set again on return.
	 * @param objectId what to lock
	 * @throws LockUnavailableException if the configured wait ended first
	 * @throws LockStoreException if the store refuses, or could not be reached until the
	 * wait ended, or for as long as one lease. Whatever the failed attempt may have left
	 * in the store is removed, or ends with its lease.
	 * @throws LockLostException if this thread holds the id already, and has lost it
	 */
	default void lock(String objectId) {
		lock(objectId, true);
	}

	/**
	 * Takes the lock, waiting as {@link #lock(String)} does, or not at all.
	 * @param objectId what to lock
	 * @param block false to fail at once where another holds the lock
	 * @throws LockUnavailableException if another holds it, and {@code block} is false or
	 * the configured wait ended first
	 * @throws LockStoreException if the store cannot be reached or refuses
	 * @throws LockLostException if this thread holds the id already, and has lost it
	 */
	void lock(String objectId, boolean block);

	/**
	 * Takes one lock or several for the calling thread, each as {@link #lock(String)}
	 * does, but with a wait and a lease of its own: all or nothing, in an order that
	 * keeps two such requests from blocking each other. An interrupt does not end the
	 * wait.
	 * @param request which ids, how long to wait, and the lease. A reentrant call leaves
	 * the lease as it is.
	 * @return a handle whose {@link LockHandle#close() close} unlocks each of the ids
	 * once. Unlike that of {@link #acquire}, it must be closed by the calling thread.
	 * @throws LockUnavailableException if the request's wait ended first
	 * @throws LockStoreException if the store cannot be reached or refuses
	 * @throws LockLostException if this thread holds one of the ids already, and has lost
	 * it
	 */
	LockHandle lock(LockRequest request);

	/**
	 * Takes the lock if it can be had within a time.
	 * @param objectId what to lock
	 * @param wait how long to wait at most; zero or less to try once
	 * @return whether this thread now holds the lock
	 * @throws InterruptedException if interrupted while waiting; nothing is held then
	 * @throws LockStoreException if the store cannot be reached or refuses
	 * @throws LockLostException if this thread holds the id already, and has lost it
	 */
	default boolean tryLock(String objectId, Duration wait) throws InterruptedException {
		return tryLock(LockRequest.of(objectId).withWait(wait.isNegative() ? Duration.ZERO : wait));
	}

	/**
	 * Takes one lock or several for the calling thread, as {@link #lock(LockRequest)}
	 * does, but ends the wait on an interrupt, and tells by its result where another
	 * holds one of them. Each of the ids has to be unlocked once.
	 * @param request which ids, how long to wait, and the lease
	 * @return whether this thread now holds all of them; if not, it has taken none
	 * @throws InterruptedException if interrupted while waiting; nothing is taken then
	 * @throws LockStoreException if the store cannot be reached or refuses
	 * @throws LockLostException if this thread holds one of the ids already, and has lost
	 * it
	 */
	boolean tryLock(LockRequest request) throws InterruptedException;

	/**
	 * Ends one {@code lock} or successful {@code tryLock} of this thread. The last one
	 * releases, or leaves that to the transaction that the lock was taken in.
	 * @param objectId what to unlock
	 * @throws IllegalMonitorStateException if this thread does not hold the lock
	 * @throws LockLostException if the hold was lost before; whoever has the lock now is
	 * left alone
	 * @throws LockStoreException if the store did not confirm the release. The thread no
	 * longer holds the lock; the release is tried on in the background, and the store's
	 * record ends with its lease at the latest.
	 */
	void unlock(String objectId);

	/**
	 * Takes one lock or several, owned by the returned handle: all or nothing, in an
	 * order that keeps two such requests from blocking each other.
	 * @param request which ids, how long to wait, and the lease
	 * @return the handle, to be closed by whoever has it then
	 * @throws LockUnavailableException if the request's wait ended first; nothing is held
	 * @throws InterruptedException if interrupted while waiting; nothing is held
	 * @throws LockStoreException if the store cannot be reached or refuses
	 * @throws IllegalStateException if the calling thread holds one of the ids itself, by
	 * {@code lock} or {@link #callWith}, or its transaction keeps it: it would wait for
	 * itself
	 */
	LockHandle acquire(LockRequest request) throws InterruptedException;

	/**
	 * This thread's hold by {@code lock} or {@code tryLock}, or one that it was called
	 * with by {@link #callWith}, to look at: for its fencing token, the time left, or to
	 * be told of its loss. Closing what is returned is refused; the hold ends by
	 * {@link #unlock}, with the transaction that keeps it, or with its handle.
	 * @param objectId the id to look for
	 * @return the hold, also after its loss, or null if this thread has none
	 */
	@Nullable LockHandle held(String objectId);

	/**
	 * Asks whoever holds the lock, in this instance or another, to release it soon. It is
	 * a request: the holder is told once, by a {@link LockRevocationEvent} and by
	 * {@link LockHandle#onRevocation}, and decides. One in another instance is told by
	 * the time it renews at the latest, so within a third of its lease, and not at all if
	 * it releases before that. A hold that is asked for is not handed over to the next
	 * thread of its instance, but given back to the store.
	 * @param objectId whose hold is asked for
	 * @return whether somebody holds the lock, and will be told; false with drivers that
	 * know of no holds but this instance's, such as {@code registry}
	 * @throws LockStoreException if the store did not confirm; the holder may be told all
	 * the same, and asking again does no harm
	 */
	boolean requestRevocation(String objectId);

	/**
	 * Calls an action for which a handle's holds count as those of this thread, for as
	 * long as the call takes: {@link #held} shows them, for their fencing tokens, and
	 * what would make the thread wait for itself is refused. For work that is passed on
	 * to another thread together with the handle. The handle keeps its holds; the action
	 * cannot end them by {@link #unlock}. An implementation that does not override this
	 * method calls the action, and shows nothing.
	 * @param handle a handle of this lock
	 * @param action what to call; what it starts on other threads sees nothing of this
	 * @param <T> the type of the result
	 * @return the action's result
	 * @throws IllegalArgumentException if the handle is not of this lock
	 * @throws Exception what the action throws
	 */
	default <T extends @Nullable Object> T callWith(LockHandle handle, Callable<T> action) throws Exception {
		return action.call();
	}

	/**
	 * Runs an action while holding the lock.
	 * @param objectId what to lock
	 * @param action what to run
	 * @throws LockException as {@link #lock(String)} and {@link #unlock} do
	 */
	default void run(String objectId, Runnable action) {
		try {
			call(objectId, () -> {
				action.run();
				return Boolean.TRUE;
			});
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException("A Runnable threw a checked exception", ex);
		}
	}

	/**
	 * Calls an action while holding the lock, and returns its result.
	 * @param objectId what to lock
	 * @param action what to call
	 * @param <T> the type of the result
	 * @return the action's result
	 * @throws LockException as {@link #lock(String)} and {@link #unlock} do. If the
	 * action has failed as well, its exception is thrown, with the other one suppressed.
	 * @throws Exception what the action throws
	 */
	default <T extends @Nullable Object> T call(String objectId, Callable<T> action) throws Exception {
		try (LockHandle hold = lock(LockRequest.of(objectId))) {
			return action.call();
		}
	}

}
