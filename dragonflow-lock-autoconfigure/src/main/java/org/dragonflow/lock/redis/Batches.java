package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;

import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockThreads;
import org.jspecify.annotations.Nullable;

/**
 * Does something to many locks by as few scripts as Redis allows, all of which are under
 * way at the same time.
 */
final class Batches {

	/**
	 * How many locks one script takes at most, so that it keeps others waiting for about
	 * a millisecond.
	 */
	static final int SIZE = 100;

	// One that blocks must not keep back those that are for other nodes.
	private static final ThreadFactory THREADS = LockThreads.named("redis");

	private static final Executor OWN_THREAD = (task) -> {
		try {
			LockThreads.start(THREADS, task);
		}
		catch (LockStoreException ex) {
			// There is none to be had: one after the other, then.
			task.run();
		}
	};

	private Batches() {
	}

	/**
	 * Parts for a script each, where all keys are at one server.
	 */
	static <T> List<List<T>> inOrder(List<T> items) {
		List<List<T>> parts = new ArrayList<>();
		for (int i = 0; i < items.size(); i += SIZE) {
			parts.add(items.subList(i, Math.min(i + SIZE, items.size())));
		}
		return parts;
	}

	/**
	 * Runs the scripts.
	 * @param runner sends them; in a cluster, a script may only touch keys of one slot
	 * @param width how many entries an answer has for each item
	 * @param send sends a script for some of the items
	 * @param patience how long all answers together may take: those that are there count,
	 * whichever is not
	 */
	static <T> Outcomes run(List<T> items, Function<T, Hold> holdOf, ScriptRunner runner, int width,
			Function<List<T>, CompletableFuture<List<Object>>> send, Duration patience, String action) {
		List<Batch<T>> batches = divide(items, holdOf, runner.isClustered());
		boolean apart = batches.size() > 1 && runner.isClustered() && runner.isBlocking();
		for (Batch<T> batch : batches) {
			batch.answer = apart ? CompletableFuture.supplyAsync(() -> send.apply(batch.items), OWN_THREAD)
				.thenCompose(Function.identity()) : send.apply(batch.items);
		}
		// From here on, for the first one may have had to connect.
		long start = System.nanoTime();
		Outcomes outcomes = new Outcomes();
		for (Batch<T> batch : batches) {
			List<Hold> holds = batch.items.stream().map(holdOf).toList();
			try {
				List<Object> answer = Answers.await(batch.answer, start, patience,
						action + " " + holds.get(0).key() + ((holds.size() > 1) ? " and others" : ""));
				for (int i = 0; i < holds.size(); i++) {
					outcomes.note(holds.get(i), answer.subList(width * i, width * (i + 1)), action);
				}
			}
			catch (LockStoreException ex) {
				holds.forEach((hold) -> outcomes.fail(hold, ex));
			}
		}
		return outcomes;
	}

	private static <T> List<Batch<T>> divide(List<T> items, Function<T, Hold> holdOf, boolean clustered) {
		Map<Integer, Batch<T>> open = new HashMap<>();
		List<Batch<T>> batches = new ArrayList<>();
		for (T item : items) {
			int slot = clustered ? RedisKeys.tag(holdOf.apply(item).key()) : 0;
			@Nullable Batch<T> batch = open.get(slot);
			if (batch == null || batch.items.size() == SIZE) {
				batch = new Batch<>();
				open.put(slot, batch);
				batches.add(batch);
			}
			batch.items.add(item);
		}
		return batches;
	}

	private static final class Batch<T> {

		private final List<T> items = new ArrayList<>();

		private CompletableFuture<List<Object>> answer = new CompletableFuture<>();

	}

}
