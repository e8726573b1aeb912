package org.dragonflow.lock.engine.line;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Finds threads of this JVM that wait for each other, when the last of them begins to
 * wait. Looks at what threads own; who closes a handle cannot be known.
 * <p>
 * Locks change hands during a look, so one look may put together what never was at one
 * time, and a second one may do so again, with the same threads and the same ids. But a
 * place stands at the head of its line once and without a break, and is waited at once
 * and without a break. So what two looks find with the very same places was there all at
 * the same time: at the moment between them.
 *
 * @param headOf the place at the head of the line for an id, unless its hold has ended
 */
public record WaitCycles(Function<String, @Nullable Place> headOf, Map<Thread, Place> waiting) {

	public WaitCycles(Function<String, @Nullable Place> headOf) {
		this(headOf, new ConcurrentHashMap<>());
	}

	/**
	 * This thread begins to wait at a place. To be followed by {@link #end} in any case.
	 * @throws IllegalStateException if it would wait for itself
	 */
	public void begin(Place place) {
		// Before the look: of two threads that begin at the same time, one sees the
		// other.
		this.waiting.put(Thread.currentThread(), place);
		List<Side> cycle = find(place);
		if (!cycle.isEmpty() && cycle.stream().noneMatch(Side::endsByItself) && cycle.equals(find(place))) {
			throw new IllegalStateException("These would wait for each other: "
					+ cycle.stream().map(Side::toString).collect(Collectors.joining("; "))
					+ ". Lock what is needed together in one request.");
		}
	}

	private List<Side> find(Place place) {
		Thread self = Thread.currentThread();
		List<Side> way = new ArrayList<>();
		Set<String> passed = new HashSet<>();
		Place wanted = place;
		while (wanted != null && passed.add(wanted.objectId())) {
			Place head = this.headOf.apply(wanted.objectId());
			// At the head itself, it has had its turn meanwhile.
			if (head == null || head == wanted) {
				return List.of();
			}
			way.add(new Side(wanted, head));
			Thread owner = head.request().owningThread();
			if (owner == self) {
				return way;
			}
			wanted = (owner != null) ? this.waiting.get(owner) : null;
		}
		return List.of();
	}

	public void end() {
		this.waiting.remove(Thread.currentThread());
	}

	/**
	 * A part of a cycle. Two are equal if they are the same places.
	 */
	private record Side(Place wanted, Place head) {

		// And the whole cycle with it.
		boolean endsByItself() {
			return this.wanted.request().waitsInCycles();
		}

		@Override
		public String toString() {
			return "thread '" + this.wanted.request().threadName() + "' waits for '" + this.wanted.objectId()
					+ "', which thread '" + this.head.request().threadName() + "' holds";
		}

	}

}
