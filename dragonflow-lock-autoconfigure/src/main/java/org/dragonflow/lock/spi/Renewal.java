package org.dragonflow.lock.spi;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.LockStoreException;

/**
 * A store's answer to a batch of renewals, hold by hold: what fails for one says nothing
 * of the others. A hold that is in neither {@code renewed} nor {@code lost} is one of
 * which nothing is known. The engine asks again for it, until its deadline.
 *
 * @param renewed the holds that are extended, and until when the store surely keeps each
 * record, see {@link Grant}
 * @param lost the holds that were not renewed, because they had ended; often empty
 * @param unknown why it is not known what has become of the others; may leave some out;
 * most often empty
 * @param revocations those of the renewed holds whose release somebody has asked for, as
 * far as the driver does not push that; may name them each time
 */
public record Renewal(Map<Hold, Deadline> renewed, Set<Hold> lost, Map<Hold, LockStoreException> unknown,
		Set<Hold> revocations) {

	/**
	 * The answer of a store that has one for all: what is not lost is renewed.
	 * @param asked the holds that were to be renewed
	 * @param validUntil until when the store surely keeps the renewed records
	 * @param lost the holds that were not renewed
	 * @param revocations those of the renewed holds whose release somebody has asked for
	 * @return the answer
	 */
	public static Renewal of(Collection<Hold> asked, Deadline validUntil, Set<Hold> lost, Set<Hold> revocations) {
		Map<Hold, Deadline> renewed = new HashMap<>(asked.size() * 4 / 3 + 1);
		for (Hold hold : asked) {
			if (!lost.contains(hold)) {
				renewed.put(hold, validUntil);
			}
		}
		return new Renewal(renewed, lost, Map.of(), revocations);
	}

}
