package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

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
		Thread self = Thread.currentThread();
		// Before the look: of two threads that begin at the same time, one sees the
		// other.
		this.waiting.put(self, objectId);
		List<String> sides = new ArrayList<>();
		Thread waiter = self;
		String wanted = objectId;
		while (wanted != null) {
			Thread owner = this.ownerOf.apply(wanted);
			// Who owns what it waits for has had its turn meanwhile. Others may wait for
			// each other too; it is for them to find out.
			if (owner == null || owner == waiter || sides.size() > this.waiting.size()) {
				return;
			}
			sides.add("thread '" + waiter.getName() + "' waits for '" + wanted + "', which thread '" + owner.getName()
					+ "' holds");
			if (owner == self) {
				throw new IllegalStateException("These would wait for each other for ever: " + String.join("; ", sides)
						+ ". Lock what is needed together in one request.");
			}
			waiter = owner;
			wanted = this.waiting.get(owner);
		}
	}

	void end() {
		this.waiting.remove(Thread.currentThread());
	}

}
