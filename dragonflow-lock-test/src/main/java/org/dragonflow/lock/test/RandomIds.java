package org.dragonflow.lock.test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What the random test locks, for how long, and what that guards.
 *
 * @param prefix keeps the ids of one run apart from another's
 * @param lease the lease of all holds
 * @param file where the register is
 * @param register what the locks guard, by the index of the id
 */
record RandomIds(String prefix, Duration lease, Path file, TokenRegister register) {

	/**
	 * How many ids all threads of both JVMs fight for.
	 */
	private static final int COMMON = 5;

	RandomIds(String prefix, Duration lease, Path file) {
		this(prefix, lease, file, TokenRegister.open(file, COMMON + 1));
	}

	static RandomIds parse(String text) {
		String[] parts = text.split(" ", 3);
		return new RandomIds(parts[0], Duration.ofMillis(Long.parseLong(parts[1])), Path.of(parts[2]));
	}

	String format() {
		return this.prefix + " " + this.lease.toMillis() + " " + this.file;
	}

	/**
	 * The id that one thread of each JVM fights for. No thread of the same JVM ever waits
	 * for it, so that each of its holds is granted and released by the store.
	 */
	String kept() {
		return id(COMMON);
	}

	List<String> all() {
		return IntStream.rangeClosed(0, COMMON).mapToObj(this::id).toList();
	}

	/**
	 * Some of the common ids, in ascending order.
	 */
	List<String> some(Random random, int count) {
		TreeSet<String> some = new TreeSet<>();
		while (some.size() < count) {
			some.add(id(random.nextInt(COMMON)));
		}
		return new ArrayList<>(some);
	}

	int indexOf(String objectId) {
		return Integer.parseInt(objectId.substring(this.prefix.length() + 1));
	}

	private String id(int index) {
		return this.prefix + "-" + index;
	}

}
