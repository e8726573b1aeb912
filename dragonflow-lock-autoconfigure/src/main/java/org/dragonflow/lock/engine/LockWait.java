package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.List;

import org.dragonflow.lock.engine.LockObserver.WaitScope;
import org.dragonflow.lock.spi.LockKey;
import org.jspecify.annotations.Nullable;

/**
 * A thread of this instance that wants locks: all that it does not have of one request.
 * What is asked may be asked by any thread, at any time.
 */
public interface LockWait {

	/**
	 * What is wanted.
	 * @return the keys, in the order in which they are taken; at least one
	 */
	List<LockKey> keys();

	/**
	 * What is waited for now. Locks are taken in order, so those before it are held.
	 * @return one of the keys
	 */
	LockKey key();

	/**
	 * What the request says about its purpose.
	 * @return its label, null if it has none
	 */
	@Nullable String label();

	/**
	 * Who waits.
	 * @return the name of the thread
	 */
	String threadName();

	/**
	 * For how long.
	 * @return the time since the wait began, also after its end
	 */
	Duration age();

	/**
	 * What an observer has opened on the thread that waits.
	 * @param observer the observer
	 * @return what {@link LockObserver#openScope} has returned, also after its close;
	 * null if that was nothing
	 */
	@Nullable WaitScope scope(LockObserver observer);

}
