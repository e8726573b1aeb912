package org.dragonflow.lock.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;

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
	 * How many answers fit.
	 */
	int count(Predicate<List<Object>> fits) {
		int count = 0;
		for (List<Object> answer : this.answers) {
			if (answer != null && fits.test(answer)) {
				count++;
			}
		}
		return count;
	}

	boolean agrees(Predicate<List<Object>> fits) {
		return count(fits) >= this.size;
	}

	/**
	 * Whether no majority can fit, whatever those would say that have not answered.
	 */
	boolean cannotAgree(Predicate<List<Object>> fits) {
		return count((answer) -> !fits.test(answer)) > this.answers.size() - this.size;
	}

	boolean hasAnswered() {
		return agrees((answer) -> true);
	}

	/**
	 * Why there is no majority.
	 */
	LockStoreException failure(String action) {
		int there = count((answer) -> true);
		String what = "Could not " + action + ": " + there + " of " + this.answers.size()
				+ " servers have answered, but it takes " + this.size;
		if (this.failures.isEmpty()) {
			return LockStoreException.unreachable(what, null);
		}
		LockStoreException first = null;
		int refusals = 0;
		for (Throwable failure : this.failures) {
			LockStoreException translated = RedisErrors.translate(action, failure);
			refusals += translated.isRefused() ? 1 : 0;
			first = (first == null || (translated.isRefused() && !first.isRefused())) ? translated : first;
		}
		// What a majority can still grant may pass; what so many refuse does not.
		boolean refused = refusals > this.answers.size() - this.size;
		return refused ? LockStoreException.refused(what, first) : LockStoreException.unreachable(what, first);
	}

}
