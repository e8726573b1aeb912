package org.dragonflow.lock.spi;

import java.util.Set;

/**
 * A store's answer to a batch of renewals.
 *
 * @param validUntil until when the store surely keeps the renewed records, see
 * {@link Grant}
 * @param lost the holds that were not renewed, because they had ended; often empty
 */
public record Renewal(Deadline validUntil, Set<Hold> lost) {
}
