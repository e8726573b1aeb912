package org.dragonflow.lock;

import java.time.Duration;
import java.util.Set;

/**
 * A hold on one id or several, owned by whoever has the handle. All methods may be called
 * by any thread.
 */
public interface LockHandle extends AutoCloseable {

	/**
	 * The ids that are held.
	 * @return the ids, in ascending order; never empty
	 */
	Set<String> objectIds();

	/**
	 * The fencing token of a handle on one id: higher than that of every earlier hold of
	 * the id. A resource that remembers the highest token it has seen, and refuses a
	 * lower one, cannot be changed by a holder that has lost the lock without knowing.
	 * @return the token, always positive; it stays the same for the whole hold
	 * @throws IllegalStateException if the handle holds more than one id, or the driver
	 * mints no tokens
	 */
	long fencingToken();

	/**
	 * The fencing token of one of the held ids.
	 * @param objectId one of {@link #objectIds()}
	 * @return the token, always positive
	 * @throws IllegalArgumentException if the id is not of this handle
	 * @throws IllegalStateException if the driver mints no tokens
	 */
	long fencingToken(String objectId);

	/**
	 * Whether all ids are held at this moment, by this JVM's monotonic clock and the last
	 * word of the store. Once false, it stays false. Makes no remote call.
	 * @return false after {@link #close()}, or as soon as the lease of one id has ended
	 */
	boolean isHeld();

	/**
	 * How long the hold lasts if it is not renewed again. Makes no remote call.
	 * @return the time left, zero if not held
	 */
	Duration remaining();

	/**
	 * Registers an action that runs once if the hold is lost before {@link #close()}. It
	 * runs on a thread for such actions, or at once on the caller's where the hold is
	 * lost already. It is not run for a hold that was released.
	 * @param action what to run; should return soon, as others may wait for the thread;
	 * an exception that it throws is logged
	 */
	void onLost(Runnable action);

	/**
	 * Registers an action that runs once if somebody asks for the release of the hold
	 * before {@link #close()}, see {@link DistributedLock#requestRevocation(String)}. The
	 * holder need not comply. The action runs on a thread for such actions, or at once on
	 * the caller's where the hold is asked for already.
	 * @param action what to run; should return soon, as others may wait for the thread;
	 * an exception that it throws is logged
	 */
	void onRevocation(Runnable action);

	/**
	 * Releases. Only the first call does something.
	 * @throws LockLostException if the hold was lost before; whoever has the lock now is
	 * left alone
	 * @throws LockStoreException if the store did not confirm the release, see
	 * {@link DistributedLock#unlock(String)}
	 */
	@Override
	void close();

}
