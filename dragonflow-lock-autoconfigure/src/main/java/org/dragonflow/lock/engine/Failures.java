package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * What goes wrong in something that is done to its end all the same.
 */
final class Failures {

	private final List<Throwable> failures = new ArrayList<>();

	void add(Throwable failure) {
		this.failures.add(failure);
	}

	void collect(Runnable part) {
		try {
			part.run();
		}
		catch (Throwable ex) {
			add(ex);
		}
	}

	void suppressedBy(Throwable thrown) {
		this.failures.forEach(thrown::addSuppressed);
	}

	/**
	 * Throws the first failure, if there is one, with the others suppressed by it.
	 */
	void throwFirst() {
		if (this.failures.isEmpty()) {
			return;
		}
		Throwable first = this.failures.remove(0);
		suppressedBy(first);
		if (first instanceof Error error) {
			throw error;
		}
		throw (RuntimeException) first;
	}

}
