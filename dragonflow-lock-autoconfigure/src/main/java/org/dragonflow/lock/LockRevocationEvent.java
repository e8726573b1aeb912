package org.dragonflow.lock;

/**
 * Published once when somebody has asked for the release of a hold, see
 * {@link DistributedLock#requestRevocation(String)}. The holder may release soon, or not.
 *
 * @param objectId the id whose hold is asked for
 * @param fencingToken the token of the hold, or 0 if the driver mints none
 */
public record LockRevocationEvent(String objectId, long fencingToken) implements LockEvent {
}
