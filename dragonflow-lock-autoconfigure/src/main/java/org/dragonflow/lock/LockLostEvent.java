package org.dragonflow.lock;

/**
 * Published once, as an application event, when a hold is lost; at the end of its lease
 * at the latest.
 *
 * @param objectId the id whose hold was lost
 * @param fencingToken the token of the lost hold, or 0 if the driver mints none
 * @param reason what happened, for people
 */
public record LockLostEvent(String objectId, long fencingToken, String reason) implements LockEvent {
}
