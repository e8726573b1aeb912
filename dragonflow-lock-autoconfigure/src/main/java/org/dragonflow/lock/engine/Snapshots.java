package org.dragonflow.lock.engine;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Supplier;

import org.dragonflow.lock.engine.grant.EngineHold;
import org.dragonflow.lock.engine.line.Line.Standing;
import org.dragonflow.lock.engine.line.Lines;
import org.dragonflow.lock.engine.line.Place;
import org.dragonflow.lock.engine.line.Request;

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

		private final Oldest<HeldLock> held;

		private final Oldest<WaitingThread> waiting;

		Collected(int limit) {
			if (limit < 1) {
				throw new IllegalArgumentException("At least one is to be listed, but the limit is " + limit);
			}
			this.held = new Oldest<>(limit);
			this.waiting = new Oldest<>(limit);
		}

		void add(Standing standing) {
			int position = 1;
			Place head = standing.head();
			if (!(head.occupant() instanceof EngineHold hold)) {
				this.waiting.add(head.sinceNanoTime(), () -> head.toWaitingThread(1, true));
				position++;
			}
			else if (hold.isUnended()) {
				this.held.add(hold.sinceNanoTime(), () -> describe(hold, standing.count()));
			}
			for (Place follower : standing.followers()) {
				int own = position++;
				this.waiting.add(follower.sinceNanoTime(), () -> follower.toWaitingThread(own, false));
			}
			this.waiting.count += standing.count() - standing.followers().size();
		}

		LockSnapshot toSnapshot() {
			return new LockSnapshot(this.held.list(), this.waiting.list(), this.held.count, this.waiting.count);
		}

		private static HeldLock describe(EngineHold hold, int waiters) {
			Request request = hold.request();
			return new HeldLock(hold.objectId(), hold.fencingToken(), hold.owner(), request.threadName(),
					request.thread().getId(), request.owningThread() == null, hold.age(), hold.lease(),
					hold.remaining(), hold.position(), waiters, hold.isAskedFor());
		}

	}

	private record Aged<T>(long nanos, Supplier<T> description) {
	}

	private static final class Oldest<T> {

		// The youngest of those that are kept is the first to go.
		private final Queue<Aged<T>> kept = new PriorityQueue<>(Comparator.comparingLong(Aged::nanos));

		private final long now = System.nanoTime();

		private final int limit;

		private long count;

		Oldest(int limit) {
			this.limit = limit;
		}

		void add(long sinceNanoTime, Supplier<T> description) {
			this.count++;
			this.kept.add(new Aged<>(this.now - sinceNanoTime, description));
			if (this.kept.size() > this.limit) {
				this.kept.remove();
			}
		}

		List<T> list() {
			return this.kept.stream()
				.sorted(Comparator.comparingLong(Aged<T>::nanos).reversed())
				.map((aged) -> aged.description.get())
				.toList();
		}

	}

}
