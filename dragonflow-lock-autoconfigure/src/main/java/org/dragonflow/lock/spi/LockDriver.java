package org.dragonflow.lock.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * One client of one store. A driver knows its store and nothing else: queueing inside the
 * JVM, reentrancy, renewal, deadlines, fencing tokens and events are the engine's.
 * <p>
 * What every driver promises, and the contract kit checks:
 * <ol>
 * <li><b>One hold.</b> Of all clients, at most one has an unexpired record of a key. A
 * record ends by release, by break, or when its lease has run out by the <em>store's</em>
 * clock. No clock of a client is ever compared with another machine's.</li>
 * <li><b>The owner is the identity.</b> The engine makes up an owner for every single
 * hold, before the first request is sent. Renewal and release compare it in the same
 * atomic step as they write, so a stale one never touches a successor.</li>
 * <li><b>Acquiring is idempotent per owner.</b> An attempt whose owner already has the
 * record is granted again with a fresh lease, and a token not below the first one. So an
 * attempt whose reply was lost can simply be repeated, or undone by a release.</li>
 * <li><b>Tokens rise</b> with every hold of a key: through release, expiry, deletion of
 * the record, and restart of the store. They are minted in the same atomic step as the
 * grant, are positive, and stay below 2<sup>53</sup>. A driver for something that cannot
 * mint any gives {@link Grant#NO_TOKEN}, and says so in its documentation.</li>
 * <li><b>Nothing is left.</b> Once all holds of a key have ended and nobody waits, the
 * store holds nothing for it, but for what it bounds and expires by itself. An attempt
 * that timed out, was interrupted or failed leaves no record and no place in a queue,
 * unless the store could not be reached to remove it; then it ends with its lease.</li>
 * <li><b>Waiters are woken</b> in the store's own best way, and never by that alone: a
 * waiter also looks again when the holder's lease must have ended.</li>
 * <li><b>Keys are exact.</b> Keys with different names never exclude each other.</li>
 * <li><b>Answers are hold by hold.</b> Of several holds in one call, one that fails says
 * nothing of the others. What is known of them is told: by a {@link Renewal}, or by a
 * {@link PartialAnswerException}.</li>
 * </ol>
 * All methods may be called by many threads at once, so that a driver is free to let
 * several requests travel in one round trip. The engine has at most one attempt per key
 * under way. Methods block the calling thread; none holds a monitor while it does, for
 * the sake of virtual threads. Every method throws {@link LockStoreException} where the
 * store cannot be reached, does not answer within the driver's timeout, or refuses; the
 * outcome is then unknown to the caller, who repeats or undoes it.
 */
public interface LockDriver extends AutoCloseable {

	/**
	 * Takes the lock, waiting for it until the attempt's deadline. Only a wait ends by an
	 * interrupt: an attempt that need not wait is not given up for one.
	 * @param attempt what to take, for whom, for how long, and until when to wait
	 * @return the grant, or null if another still held the lock when the wait ended
	 * @throws InterruptedException if interrupted while waiting. Nothing is held then.
	 * @throws LockStoreException if the outcome is unknown. The engine then repeats the
	 * attempt, or releases its owner. One with a {@link LockStoreException#getPause()
	 * pause} has had no effect, and the engine waits through it
	 */
	@Nullable Grant acquire(LockAttempt attempt) throws InterruptedException;

	/**
	 * Takes those of several locks that are free, in as few round trips as the store
	 * allows. Waits for none of them, whatever the attempts say, so that it does not
	 * matter in which order they are taken.
	 * @param attempts what to take; all are for different keys
	 * @return the grants, in the order of the attempts; null in place of one whose lock
	 * another holds
	 * @throws PartialAnswerException if the outcome is unknown for some of the attempts.
	 * The engine then repeats these, or releases their owners.
	 * @throws LockStoreException if it is unknown for all of them
	 */
	default List<@Nullable Grant> acquireFree(List<LockAttempt> attempts) {
		OneByOne<LockAttempt> all = new OneByOne<>(LockAttempt::hold);
		List<@Nullable Grant> grants = new ArrayList<>(attempts.size());
		for (LockAttempt attempt : attempts) {
			grants.add(all.ask(attempt, () -> {
				try {
					return acquire(attempt.withoutWait());
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					throw LockStoreException.unreachable("Interrupted while taking " + attempt.key(), ex);
				}
			}));
		}
		return PartialAnswerException.unlessUnknown(grants, all.unknown());
	}

	/**
	 * Extends several holds, in as few round trips as the store allows.
	 * @param holds what to extend; all have the same lease
	 * @param lease the lease, counted anew
	 * @return of each hold until when it is extended, or that it is not: because its
	 * record is gone, has expired, or belongs to another; or that this is unknown. The
	 * engine asks again for those until their deadline, and apart from the others.
	 * @throws LockStoreException if the outcome is unknown for all holds
	 */
	Renewal renew(Collection<Hold> holds, Duration lease);

	/**
	 * Releases, and lets a waiter know. Also undoes an attempt whose outcome is unknown.
	 * @param hold what to release
	 * @return whether the record was there, and was this hold's
	 * @throws LockStoreException if the outcome is unknown. The engine repeats the
	 * release until the hold's deadline.
	 */
	boolean release(Hold hold);

	/**
	 * Releases several holds, in as few round trips as the store allows, and lets their
	 * waiters know.
	 * @param holds what to release
	 * @return those whose record was there, and was theirs
	 * @throws PartialAnswerException if the outcome is unknown for some of the holds. The
	 * engine repeats the release of these, until their deadline.
	 * @throws LockStoreException if it is unknown for all of them
	 */
	default Set<Hold> releaseAll(Collection<Hold> holds) {
		OneByOne<Hold> all = new OneByOne<>(Function.identity());
		Set<Hold> released = new HashSet<>();
		for (Hold hold : holds) {
			if (Boolean.TRUE.equals(all.ask(hold, () -> release(hold)))) {
				released.add(hold);
			}
		}
		return PartialAnswerException.unlessUnknown(released, all.unknown());
	}

	/**
	 * Reads a record, for people and for error messages.
	 * @param key the key to look at
	 * @return the unexpired record, or null if nobody holds the lock
	 * @throws LockStoreException if the store does not answer
	 */
	@Nullable LockRecord look(LockKey key);

	/**
	 * Takes a hold away from whoever has it, and lets a waiter know. The holder is told
	 * by {@link #onLoss} at once where the store tells its clients of such a thing, or
	 * else finds out at its next renewal; also if the store could not tell.
	 * @param hold what to end, as seen by {@link #look}; a successor is left alone
	 * @return whether there was such a hold
	 * @throws LockStoreException if the outcome is unknown
	 */
	default boolean breakHold(Hold hold) {
		return release(hold);
	}

	/**
	 * Asks for the release of a hold. Its own client is told by {@link #onRevocation} at
	 * once where the store can, or else by {@link Renewal#revocations()} of its next
	 * renewal; a successor is not. The request ends with the hold.
	 * @param hold what is asked for, as seen by {@link #look}
	 * @return whether there is such a hold
	 * @throws LockStoreException if the outcome is unknown
	 */
	boolean requestRevocation(Hold hold);

	/**
	 * Tells the driver whom to tell when it learns by itself that the release of one of
	 * its holds was asked for, rather than in answer to a renewal. Called once, before
	 * the first attempt.
	 * @param listener takes the hold; returns quickly and throws nothing; being told more
	 * than once does no harm
	 */
	default void onRevocation(Consumer<Hold> listener) {
	}

	/**
	 * Tells the driver whom to tell when it learns of a loss by itself, such as the end
	 * of a session, rather than in answer to a renewal. Called once, before the first
	 * attempt. A loss may be told as soon as the store has granted the hold, also before
	 * {@link #acquire} has returned.
	 * @param listener takes the lost hold; returns quickly and throws nothing
	 */
	default void onLoss(Consumer<Hold> listener) {
	}

	/**
	 * Ends waiting attempts with a {@link LockStoreException}, and frees the client's
	 * threads and connections. Holds are not released; the engine has done that. Closing
	 * twice does nothing.
	 */
	@Override
	void close();

}
