package org.dragonflow.lock.spi;

import java.util.List;
import java.util.Map;
import java.util.Set;

import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * What a driver throws when it has been asked for several things in one call, and knows
 * the outcome of some of them only: a node, a slot or a chunk has failed, which says
 * nothing of the others. The engine takes what is known, and asks again for the rest.
 */
public final class PartialAnswerException extends RuntimeException {

	private final transient List<@Nullable Grant> grants;

	private final transient Set<Hold> released;

	private final transient Map<Hold, LockStoreException> unknown;

	private PartialAnswerException(List<@Nullable Grant> grants, Set<Hold> released,
			Map<Hold, LockStoreException> unknown) {
		super("The outcome is unknown for " + unknown.size() + " hold(s), such as "
				+ unknown.keySet().iterator().next().key(), unknown.values().iterator().next());
		this.grants = grants;
		this.released = released;
		this.unknown = unknown;
	}

	/**
	 * The answer of {@link LockDriver#acquireFree}, if it is one for all attempts.
	 * @param grants in the order of the attempts; null in place of one whose lock another
	 * holds, or whose outcome is unknown
	 * @param unknown why, for each attempt whose outcome is unknown
	 * @return the grants, if no outcome is unknown
	 * @throws PartialAnswerException if one is
	 */
	public static List<@Nullable Grant> unlessUnknown(List<@Nullable Grant> grants,
			Map<Hold, LockStoreException> unknown) {
		if (!unknown.isEmpty()) {
			throw new PartialAnswerException(grants, Set.of(), unknown);
		}
		return grants;
	}

	/**
	 * The answer of {@link LockDriver#releaseAll}, if it is one for all holds.
	 * @param released the holds whose record was there, and was theirs
	 * @param unknown why, for each hold whose outcome is unknown
	 * @return the released holds, if no outcome is unknown
	 * @throws PartialAnswerException if one is
	 */
	public static Set<Hold> unlessUnknown(Set<Hold> released, Map<Hold, LockStoreException> unknown) {
		if (!unknown.isEmpty()) {
			throw new PartialAnswerException(List.of(), released, unknown);
		}
		return released;
	}

	/**
	 * The grants, of a call of {@link LockDriver#acquireFree}.
	 * @return in the order of the attempts; null in place of those refused or unknown
	 */
	public List<@Nullable Grant> grants() {
		return this.grants;
	}

	/**
	 * What was released, of a call of {@link LockDriver#releaseAll}.
	 * @return the holds whose record was there, and was theirs
	 */
	public Set<Hold> released() {
		return this.released;
	}

	/**
	 * Those of which nothing is known.
	 * @return the reason for each
	 */
	public Map<Hold, LockStoreException> unknown() {
		return this.unknown;
	}

}
