package org.dragonflow.lock.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Lets requests of several threads travel in one round trip. A request is sent at once if
 * none is under way; those that come meanwhile go together as soon as that has been
 * answered. So nobody waits for others to come, and the busier the client is, the fewer
 * requests it takes.
 *
 * @param <T> what is asked
 */
final class Combiner<T> {

	private final BooleanSupplier possible;

	private final Function<List<T>, CompletableFuture<List<Object>>> send;

	private final int width;

	private final ReentrantLock lock = new ReentrantLock();

	private final Queue<Request> waiting = new ArrayDeque<>();

	private boolean underWay;

	/**
	 * Creates a combiner.
	 * @param possible tells whether requests can go together
	 * @param send sends several requests in one, as far as it can without waiting
	 * @param width how many entries the answer has for each request
	 */
	Combiner(BooleanSupplier possible, Function<List<T>, CompletableFuture<List<Object>>> send, int width) {
		this.possible = possible;
		this.send = send;
		this.width = width;
	}

	/**
	 * Makes a request, alone or together with others.
	 * @return the entries for it. Once it has been cancelled, it has been sent already or
	 * never will be: so what undoes it comes after it.
	 */
	CompletableFuture<List<Object>> ask(T what) {
		if (!this.possible.getAsBoolean()) {
			return this.send.apply(List.of(what));
		}
		Request request = new Request(what);
		this.lock.lock();
		try {
			this.waiting.add(request);
		}
		finally {
			this.lock.unlock();
		}
		sendNext(false);
		return request;
	}

	private void sendNext(boolean answered) {
		List<Request> together = new ArrayList<>();
		CompletableFuture<List<Object>> sent;
		this.lock.lock();
		try {
			if (this.underWay && !answered) {
				return;
			}
			while (!this.waiting.isEmpty() && together.size() < Batches.SIZE) {
				Request next = this.waiting.remove();
				if (!next.isDone()) {
					together.add(next);
				}
			}
			this.underWay = !together.isEmpty();
			if (together.isEmpty()) {
				return;
			}
			sent = this.send.apply(together.stream().map((request) -> request.what).toList());
		}
		finally {
			this.lock.unlock();
		}
		together.forEach((request) -> request.whenComplete((answer, failure) -> {
			// What waits for a connection is not sent any more once nobody wants it.
			if (request.isCancelled() && together.stream().allMatch(Request::isCancelled)) {
				sent.cancel(true);
			}
		}));
		sent.whenComplete((answer, failure) -> {
			// First, so that the server has something to do meanwhile.
			sendNext(true);
			if (failure == null) {
				distribute(together, answer);
			}
			else if (together.size() > 1 && RedisErrors.code(failure) != null) {
				// It has run none of them, and may refuse one only: for its keys, by
				// name.
				together.forEach(this::askAlone);
			}
			else {
				together.forEach((request) -> request.completeExceptionally(failure));
			}
		});
	}

	private void distribute(List<Request> together, List<Object> answer) {
		for (int i = 0; i < together.size(); i++) {
			together.get(i).complete(answer.subList(this.width * i, this.width * (i + 1)));
		}
	}

	private void askAlone(Request request) {
		this.send.apply(List.of(request.what)).whenComplete((answer, failure) -> {
			if (failure != null) {
				request.completeExceptionally(failure);
			}
			else {
				request.complete(answer);
			}
		});
	}

	private final class Request extends CompletableFuture<List<Object>> {

		private final T what;

		Request(T what) {
			this.what = what;
		}

		@Override
		public boolean cancel(boolean mayInterruptIfRunning) {
			Combiner.this.lock.lock();
			try {
				return super.cancel(mayInterruptIfRunning);
			}
			finally {
				Combiner.this.lock.unlock();
			}
		}

	}

}
