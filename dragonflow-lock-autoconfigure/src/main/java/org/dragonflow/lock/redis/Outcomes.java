package org.dragonflow.lock.redis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;

/**
 * What has become of each of several holds that were asked for together.
 */
final class Outcomes {

	private final Map<Hold, List<Object>> known = new HashMap<>();

	private final Map<Hold, LockStoreException> unknown = new HashMap<>();

	void know(Hold hold, List<Object> entries) {
		this.known.put(hold, entries);
	}

	void fail(Hold hold, LockStoreException reason) {
		this.unknown.put(hold, reason);
	}

	/**
	 * Keeps the entries that an answer has for a hold, which may be an error.
	 */
	void note(Hold hold, List<Object> entries, String action) {
		try {
			know(hold, Answers.checked(entries, action + " " + hold.key()));
		}
		catch (LockStoreException ex) {
			fail(hold, ex);
		}
	}

	/**
	 * Lets those that were answered by no count as unknown.
	 */
	void doubtRefusals(Function<Hold, LockStoreException> reason) {
		this.known.entrySet().removeIf((entry) -> {
			boolean refused = !Answers.isYes(entry.getValue().get(0));
			if (refused) {
				fail(entry.getKey(), reason.apply(entry.getKey()));
			}
			return refused;
		});
	}

	/**
	 * As the outcomes of a renewal.
	 * @throws LockStoreException if nothing is known of any
	 */
	Renewal renewal(Deadline validUntil) {
		throwIfNothingIsKnown();
		Map<Hold, Deadline> renewed = new HashMap<>();
		Set<Hold> lost = new HashSet<>();
		Set<Hold> revoked = new HashSet<>();
		this.known.forEach((hold, entries) -> {
			if (!Answers.isYes(entries.get(0))) {
				lost.add(hold);
				return;
			}
			renewed.put(hold, validUntil);
			if (Answers.isRevoked(entries.get(0))) {
				revoked.add(hold);
			}
		});
		return new Renewal(renewed, lost, this.unknown, revoked);
	}

	/**
	 * As the outcomes of a release.
	 * @throws LockStoreException if nothing is known of any
	 */
	Set<Hold> released() {
		throwIfNothingIsKnown();
		Set<Hold> released = new HashSet<>();
		this.known.forEach((hold, entries) -> {
			if (Answers.isYes(entries.get(0))) {
				released.add(hold);
			}
		});
		return PartialAnswerException.unlessUnknown(released, this.unknown);
	}

	/**
	 * As the outcomes of attempts.
	 * @param grant makes a grant of the entries for an attempt
	 * @throws LockStoreException if nothing is known of any
	 */
	List<@Nullable Grant> grants(List<LockAttempt> attempts,
			BiFunction<LockAttempt, List<Object>, @Nullable Grant> grant) {
		throwIfNothingIsKnown();
		List<@Nullable Grant> grants = new ArrayList<>(attempts.size());
		for (LockAttempt attempt : attempts) {
			List<Object> entries = this.known.get(attempt.hold());
			grants.add((entries != null) ? grant.apply(attempt, entries) : null);
		}
		return PartialAnswerException.unlessUnknown(grants, this.unknown);
	}

	private void throwIfNothingIsKnown() {
		if (this.known.isEmpty() && !this.unknown.isEmpty()) {
			// What may have had an effect counts for more than what had none.
			throw this.unknown.values().stream().min(Comparator.comparing(LockStoreException::isRefused)).orElseThrow();
		}
	}

}
