package org.dragonflow.samples.northbound.demo;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How the processes lock.
 *
 * @param driver the driver's name
 * @param title for people
 * @param properties that the processes are started with, as on the command line
 */
record LockChoice(String driver, String title, List<String> properties) {

	static final LockChoice NONE = new LockChoice("none", "without the lock",
			List.of("--dragonflow.lock.enabled=false"));

	/**
	 * The properties of each driver that the demonstration knows.
	 */
	private static final Map<String, List<String>> DRIVERS = new TreeMap<>(
			Map.of("jdbc", List.of("--dragonflow.lock.driver=jdbc"), "redis", List.of("--dragonflow.lock.driver=redis"),
					"etcd", List.of("--dragonflow.lock.driver=etcd"), "zookeeper",
					List.of("--dragonflow.lock.driver=zookeeper"), "local", List.of("--dragonflow.lock.driver=local")));

	static LockChoice of(String driver) {
		List<String> properties = DRIVERS.get(driver);
		if (properties == null) {
			throw new IllegalArgumentException(
					"Unknown driver '" + driver + "'. Choose one of: " + String.join(", ", DRIVERS.keySet()));
		}
		return new LockChoice(driver, "driver " + driver, properties);
	}

	/**
	 * The same way to lock, with more properties.
	 * @param more properties, as on the command line
	 * @return a choice that has them, too
	 */
	LockChoice with(List<String> more) {
		return new LockChoice(this.driver, this.title, Stream.concat(this.properties.stream(), more.stream()).toList());
	}

}
