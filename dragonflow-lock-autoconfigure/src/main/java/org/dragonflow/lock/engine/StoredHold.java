package org.dragonflow.lock.engine;

import java.time.Duration;

/**
 * What the store knows of a lock that somebody holds, on whichever instance.
 *
 * @param objectId the id that is locked
 * @param owner by which name the store knows the holder
 * @param fencingToken the token of the first hold of the grant, or 0 if the driver mints
 * none; a thread to which the grant was handed over has a higher one, but lower than the
 * next grant's
 * @param age how long ago it was granted, by the store's clock
 * @param remaining what is left of the lease, by the store's clock
 * @param ofThisInstance whether this instance is the holder
 */
public record StoredHold(String objectId, String owner, long fencingToken, Duration age, Duration remaining,
		boolean ofThisInstance) {
}
