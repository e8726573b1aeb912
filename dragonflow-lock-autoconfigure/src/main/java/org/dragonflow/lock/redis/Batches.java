package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import org.dragonflow.lock.spi.LockKey;
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

	private Batches() {
	}

	/**
	 * Runs the scripts.
	 * @param clustered whether a script may only touch keys of one slot
	 * @param width how many entries an answer has for each item
	 * @param send sends a script for some of the items
	 * @return the entries for each item, in the order of the items
	 */
	static <T> List<List<Object>> run(List<T> items, Function<T, LockKey> keyOf, boolean clustered, int width,
			Function<List<T>, CompletableFuture<List<Object>>> send, Duration timeout, String action) {
		List<Batch<T>> batches = divide(items, keyOf, clustered);
		for (Batch<T> batch : batches) {
			batch.answer = send.apply(batch.items);
		}
		List<List<Object>> entries = new ArrayList<>(items.size());
		items.forEach((item) -> entries.add(List.of()));
		for (Batch<T> batch : batches) {
			List<Object> answer = Answers.await(batch.answer, timeout,
					action + " " + keyOf.apply(batch.items.get(0)) + ((items.size() > 1) ? " and others" : ""));
			for (int i = 0; i < batch.positions.size(); i++) {
				entries.set(batch.positions.get(i), answer.subList(width * i, width * (i + 1)));
			}
		}
		return entries;
	}

	private static <T> List<Batch<T>> divide(List<T> items, Function<T, LockKey> keyOf, boolean clustered) {
		Map<Integer, Batch<T>> open = new HashMap<>();
		List<Batch<T>> batches = new ArrayList<>();
		for (int i = 0; i < items.size(); i++) {
			T item = items.get(i);
			int slot = clustered ? RedisKeys.tag(keyOf.apply(item)) : 0;
			@Nullable Batch<T> batch = open.get(slot);
			if (batch == null || batch.items.size() == SIZE) {
				batch = new Batch<>();
				open.put(slot, batch);
				batches.add(batch);
			}
			batch.items.add(item);
			batch.positions.add(i);
		}
		return batches;
	}

	private static final class Batch<T> {

		private final List<T> items = new ArrayList<>();

		private final List<Integer> positions = new ArrayList<>();

		private CompletableFuture<List<Object>> answer = new CompletableFuture<>();

	}

}
