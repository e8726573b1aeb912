package org.dragonflow.lock.redis;

import java.util.function.Supplier;

/**
 * Keeps interrupts away from clients of Redis, which an interrupt makes fail.
 */
final class Interrupts {

	private Interrupts() {
	}

	/**
	 * Does something; an interrupt is kept until it is done.
	 */
	static <T> T deferred(Supplier<T> action) {
		boolean interrupted = Thread.interrupted();
		try {
			return action.get();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

}
