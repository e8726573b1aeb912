package org.dragonflow.lock.spi;

import java.util.Set;

/**
 * A store's answer to a batch of renewals.
 *
 * @param validUntil until when the store surely keeps the renewed records, see
 * {@link Grant}
 * @param lost the holds that were not renewed, because they had ended; often empty
 * @param revocations those of the renewed holds whose release somebody has asked for, as
 * far as the driver does not push that; may name them each time
 */
public record Renewal(Deadline validUntil, Set<Hold> lost, Set<Hold> revocations) {

	/**
	 * An answer without any revocations.
	 * @param validUntil until when the store surely keeps the renewed records
	 * @param lost the holds that were not renewed
	 */
	public Renewal(Deadline validUntil, Set<Hold> lost) {
		this(validUntil, lost, Set.of());
	}

}
