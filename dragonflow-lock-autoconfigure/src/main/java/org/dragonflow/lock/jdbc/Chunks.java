package org.dragonflow.lock.jdbc;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;
import org.jspecify.annotations.Nullable;

/**
 * What takes more than one statement: one that fails says nothing of the others.
 */
final class Chunks {

	private Chunks() {
	}

	/**
	 * Asks for all, in parts for a statement each. The order is one that all statements
	 * have in common, so that two which lock the same rows do not wait for each other.
	 * @param size how many a statement names at most
	 * @param statement asks for some of them
	 * @return why nothing is known of those whose statement has failed
	 * @throws LockStoreException if nothing is known of any
	 */
	static <T> Map<Hold, LockStoreException> each(Collection<T> all, Function<T, Hold> holdOf, int size,
			Consumer<List<T>> statement) {
		List<T> sorted = all.stream().sorted(Comparator.comparing((item) -> holdOf.apply(item).key().name())).toList();
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		LockStoreException unreachable = null;
		boolean answered = all.isEmpty();
		for (int from = 0; from < sorted.size(); from += Math.min(size, sorted.size() - from)) {
			List<T> chunk = sorted.subList(from, from + Math.min(size, sorted.size() - from));
			// To wait in vain for a connection once more for each chunk would take too
			// long.
			LockStoreException failure = (unreachable != null) ? unreachable : ask(chunk, statement);
			if (failure == null) {
				answered = true;
				continue;
			}
			unreachable = StoreErrors.isUnreachable(failure) ? failure : null;
			chunk.forEach((item) -> unknown.put(holdOf.apply(item), failure));
		}
		if (!answered) {
			throw unknown.values().iterator().next();
		}
		return unknown;
	}

	private static <T> @Nullable LockStoreException ask(List<T> chunk, Consumer<List<T>> statement) {
		try {
			statement.accept(chunk);
			return null;
		}
		catch (LockStoreException ex) {
			return ex;
		}
	}

}
