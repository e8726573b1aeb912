package org.dragonflow.lock.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * What goes wrong in something that is done to its end all the same.
 */
final class Failures {

	private final List<RuntimeException> failures = new ArrayList<>();

	void add(RuntimeException failure) {
		this.failures.add(failure);
	}

	/**
	 * Does a part, whether or not it fails.
	 */
	void collect(Runnable part) {
		try {
			part.run();
		}
		catch (RuntimeException ex) {
			add(ex);
		}
	}

	/**
	 * Lets an exception that is thrown anyway tell of these, too.
	 */
	void suppressedBy(Exception ex) {
		this.failures.forEach(ex::addSuppressed);
	}

	/**
	 * Throws the first failure, if there is one, with the others suppressed by it.
	 */
	void throwFirst() {
		if (!this.failures.isEmpty()) {
			RuntimeException first = this.failures.remove(0);
			this.failures.forEach(first::addSuppressed);
			throw first;
		}
	}

}
