package org.dragonflow.lock.engine;

import java.time.Duration;

/**
 * A lock that this instance holds, as it was at one moment.
 *
 * @param objectId the id that is locked
 * @param fencingToken the token of the hold, or 0 if the driver mints none
 * @param owner by which name the store knows the holder
 * @param thread the name of the thread that took the lock, or its number if it has no
 * name
 * @param threadId the number of that thread
 * @param byHandle whether the lock belongs to whoever has its handle; if not, to the
 * thread
 * @param age how long it has been held
 * @param lease the lease that it is renewed for
 * @param remaining what is left of the lease, by the clock of this JVM; never negative
 * @param handedOver how many threads of this instance have held the store's grant before
 * @param waiters how many threads of this instance wait for it
 * @param revoked whether somebody has asked for its release
 */
public record HeldLock(String objectId, long fencingToken, String owner, String thread, long threadId, boolean byHandle,
		Duration age, Duration lease, Duration remaining, int handedOver, int waiters, boolean revoked) {
}
