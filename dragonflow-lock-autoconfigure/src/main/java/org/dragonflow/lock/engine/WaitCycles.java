package org.dragonflow.lock.engine;

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
 */
final class WaitCycles {

	private final Map<Thread, String> waiting = new ConcurrentHashMap<>();

	private final Function<String, @Nullable Thread> ownerOf;

	/**
	 * Creates an object that knows of no waits.
	 * @param ownerOf which thread owns the lock on an id, if one does
	 */
	WaitCycles(Function<String, @Nullable Thread> ownerOf) {
		this.ownerOf = ownerOf;
	}

	/**
	 * This thread begins to wait. To be followed by {@link #end} in any case.
	 * @throws IllegalStateException if it would wait for itself
	 */
	void begin(String objectId) {
		// Before the look: of two threads that begin at the same time, one sees the
		// other.
		this.waiting.put(Thread.currentThread(), objectId);
		List<Side> cycle = find(objectId);
		// Locks change hands during a look, so that it may see what never was at one
		// time. Threads that wait for each other look the same for ever.
		if (!cycle.isEmpty() && cycle.equals(find(objectId))) {
			throw new IllegalStateException("These would wait for each other for ever: "
					+ cycle.stream().map(Side::toString).collect(Collectors.joining("; "))
					+ ". Lock what is needed together in one request.");
		}
	}

	/**
	 * Follows who waits for whom, from this thread on.
	 * @return the way back to it, empty if there is none
	 */
	private List<Side> find(String objectId) {
		Thread self = Thread.currentThread();
		List<Side> way = new ArrayList<>();
		Set<String> passed = new HashSet<>();
		Thread waiter = self;
		String wanted = objectId;
		while (wanted != null && passed.add(wanted)) {
			Thread owner = this.ownerOf.apply(wanted);
			// Who owns what it waits for has had its turn meanwhile.
			if (owner == null || owner == waiter) {
				return List.of();
			}
			way.add(new Side(waiter, wanted, owner));
			if (owner == self) {
				return way;
			}
			waiter = owner;
			wanted = this.waiting.get(owner);
		}
		return List.of();
	}

	void end() {
		this.waiting.remove(Thread.currentThread());
	}

	private record Side(Thread waiter, String objectId, Thread owner) {

		@Override
		public String toString() {
			return "thread '" + this.waiter.getName() + "' waits for '" + this.objectId + "', which thread '"
					+ this.owner.getName() + "' holds";
		}

	}

}
