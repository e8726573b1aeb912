package org.dragonflow.lock.spi;

import java.time.Duration;

/**
 * What a store has about a held lock.
 *
 * @param hold who holds what
 * @param token the token of the grant, or {@link Grant#NO_TOKEN}
 * @param age how long ago it was granted, by the store's clock
 * @param remaining how long the lease lasts if it is not renewed, by the store's clock
 */
public record LockRecord(Hold hold, long token, Duration age, Duration remaining) {
}
