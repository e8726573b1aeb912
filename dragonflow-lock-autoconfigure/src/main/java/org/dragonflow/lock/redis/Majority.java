package org.dragonflow.lock.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.dragonflow.lock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * What several servers answer to one request that was sent to all of them at the same
 * time. Each of the requests has a timeout, so this waits no longer than that.
 */
final class Majority {

	private final List<@Nullable List<Object>> answers;

	private final List<Throwable> failures = new ArrayList<>();

	private final int size;

	private Majority(int nodes) {
		this.answers = new ArrayList<>(Collections.nCopies(nodes, null));
		this.size = size(nodes);
	}

	static int size(int nodes) {
		return nodes / 2 + 1;
	}

	/**
	 * Collects the answers until all have come, or enough.
	 */
	static Majority collect(List<CompletableFuture<List<Object>>> requests, Predicate<Majority> enough) {
		Majority majority = new Majority(requests.size());
		BlockingQueue<Integer> done = new LinkedBlockingQueue<>();
		for (int i = 0; i < requests.size(); i++) {
			int node = i;
			requests.get(i).whenComplete((answer, failure) -> done.add(node));
		}
		boolean interrupted = false;
		int left = requests.size();
		while (left > 0 && !enough.test(majority)) {
			try {
				int node = done.take();
				left--;
				majority.note(node, requests.get(node));
			}
			catch (InterruptedException ex) {
				// The outcome would be unknown; it is kept for later.
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
		return majority;
	}

	private void note(int node, CompletableFuture<List<Object>> request) {
		request.handle((answer, failure) -> {
			if (failure != null) {
				this.failures.add(failure);
			}
			else {
				this.answers.set(node, answer);
			}
			return null;
		});
	}

	/**
	 * By node; null of one that has not answered.
	 */
	List<@Nullable List<Object>> answers() {
		return this.answers;
	}

	/**
	 * How many have answered with an entry that fits.
	 * @param place which entry of each answer; one that is an error fits nothing
	 */
	int count(int place, LongPredicate fits) {
		int count = 0;
		for (List<Object> answer : this.answers) {
			if (answer != null && answer.get(place) instanceof Long entry && fits.test(entry)) {
				count++;
			}
		}
		return count;
	}

	boolean agrees(int place, LongPredicate fits) {
		return count(place, fits) >= this.size;
	}

	/**
	 * The highest of the entries at a place.
	 */
	long highest(int place) {
		return this.answers.stream()
			.filter((answer) -> answer != null && answer.get(place) instanceof Long)
			.mapToLong((answer) -> (Long) answer.get(place))
			.max()
			.orElse(0);
	}

	/**
	 * Whether it is known if a majority has an entry that fits, whatever those would say
	 * that have not answered.
	 */
	boolean isDecided(int place, LongPredicate fits) {
		return agrees(place, fits) || count(place, fits.negate()) > this.answers.size() - this.size;
	}

	/**
	 * Whether that is known of several entries.
	 * @param count how many
	 * @param width how far they are apart
	 * @param fits for each of them
	 */
	static Predicate<Majority> decided(int count, int width, IntFunction<LongPredicate> fits) {
		return (majority) -> IntStream.range(0, count).allMatch((i) -> majority.isDecided(width * i, fits.apply(i)));
	}

	/**
	 * Whether a majority has answered, with something else than an error.
	 */
	boolean hasAnswered(int place) {
		return agrees(place, (entry) -> true);
	}

	boolean hasAnswered() {
		return this.answers.stream().filter(Objects::nonNull).count() >= this.size;
	}

	/**
	 * Why there is no majority.
	 */
	LockStoreException failure(String action) {
		return failure(action, (int) this.answers.stream().filter(Objects::nonNull).count(),
				this.failures.stream().map((failure) -> RedisErrors.translate(action, failure)));
	}

	/**
	 * Why there is none for one entry.
	 */
	LockStoreException failure(int place, String action) {
		Stream<LockStoreException> errors = this.answers.stream()
			.filter((answer) -> answer != null && answer.get(place) instanceof byte[])
			.map((answer) -> RedisErrors.translate(action, Answers.text(answer.get(place))));
		return failure(action, count(place, (entry) -> true),
				Stream.concat(this.failures.stream().map((failure) -> RedisErrors.translate(action, failure)), errors));
	}

	private LockStoreException failure(String action, int there, Stream<LockStoreException> failures) {
		String what = "Could not " + action + ": " + there + " of " + this.answers.size()
				+ " servers have answered, but it takes " + this.size;
		LockStoreException first = null;
		int refusals = 0;
		for (LockStoreException failure : failures.toList()) {
			refusals += failure.isRefused() ? 1 : 0;
			first = (first == null || (failure.isRefused() && !first.isRefused())) ? failure : first;
		}
		// What a majority can still grant may pass; what so many refuse does not.
		boolean refused = refusals > this.answers.size() - this.size;
		return refused ? LockStoreException.refused(what, first) : LockStoreException.unreachable(what, first);
	}

}
