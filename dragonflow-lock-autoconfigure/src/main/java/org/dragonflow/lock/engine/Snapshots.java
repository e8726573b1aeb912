package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Line.Standing;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.request.Request;

/**
 * Looks at what is held and waited for, id by id. What one id costs does not depend on
 * how many there are, and nothing but that id is kept waiting by it.
 */
record Snapshots(Lines lines) {

	LockSnapshot ofAll(int limit) {
		Collected collected = new Collected(limit);
		this.lines.lookAtAll(limit, collected::add);
		return collected.toSnapshot();
	}

	LockSnapshot of(String objectId, int limit) {
		Collected collected = new Collected(limit);
		Standing standing = this.lines.look(objectId, limit);
		if (standing != null) {
			collected.add(standing);
		}
		return collected.toSnapshot();
	}

	private static final class Collected {

		private final Oldest<Held> held;

		private final Oldest<Waiter> waiting;

		Collected(int limit) {
			if (limit < 1) {
				throw new IllegalArgumentException("At least one is to be listed, but the limit is " + limit);
			}
			this.held = new Oldest<>(limit, (held) -> held.hold.sinceNanoTime());
			this.waiting = new Oldest<>(limit, (waiter) -> waiter.place.sinceNanoTime());
		}

		void add(Standing standing) {
			int position = 1;
			if (!(standing.head().occupant() instanceof EngineHold hold)) {
				this.waiting.add(new Waiter(standing.head(), position++, true));
			}
			else if (hold.isUnended()) {
				this.held.add(new Held(hold, standing.count()));
			}
			for (Place follower : standing.followers()) {
				this.waiting.add(new Waiter(follower, position++, false));
			}
			this.waiting.count += standing.count() - standing.followers().size();
		}

		LockSnapshot toSnapshot() {
			return new LockSnapshot(this.held.list(Held::describe),
					this.waiting.list((waiter) -> waiter.place.toWaitingThread(waiter.position, waiter.inStore)),
					this.held.count, this.waiting.count);
		}

	}

	private record Held(EngineHold hold, int waiters) {

		HeldLock describe() {
			Request request = this.hold.request();
			return new HeldLock(this.hold.objectId(), this.hold.fencingToken(), this.hold.owner(), request.threadName(),
					request.thread().getId(), request.owner() == null, this.hold.age(), this.hold.lease(),
					this.hold.remaining(), this.hold.position(), this.waiters, this.hold.isAskedFor());
		}

	}

	private record Waiter(Place place, int position, boolean inStore) {
	}

	/**
	 * Keeps the oldest of many things.
	 */
	private static final class Oldest<T> {

		private final List<T> kept = new ArrayList<>();

		private final int limit;

		private final Comparator<T> byAge;

		private long count;

		Oldest(int limit, ToLongFunction<T> sinceNanoTime) {
			long now = System.nanoTime();
			this.limit = limit;
			this.byAge = Comparator.comparingLong((thing) -> sinceNanoTime.applyAsLong(thing) - now);
		}

		void add(T thing) {
			this.count++;
			this.kept.add(thing);
			// Now and then, so that there are never many more than are to be kept.
			if (this.kept.size() > 2L * this.limit + 100) {
				shorten();
			}
		}

		private void shorten() {
			this.kept.sort(this.byAge);
			this.kept.subList(Math.min(this.limit, this.kept.size()), this.kept.size()).clear();
		}

		<R> List<R> list(Function<T, R> made) {
			shorten();
			return this.kept.stream().map(made).toList();
		}

	}

}
