package org.dragonflow.lock.engine;

/**
 * What threads are called, for people.
 */
final class ThreadNames {

	private ThreadNames() {
	}

	/**
	 * The name of a thread. Virtual threads often have none; their number is in every
	 * thread dump.
	 */
	static String of(Thread thread) {
		String name = thread.getName();
		return name.isEmpty() ? "#" + thread.getId() : name;
	}

}
