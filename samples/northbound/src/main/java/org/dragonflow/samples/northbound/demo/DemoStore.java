package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Where the processes of the demonstration lock, where that is not the database that they
 * have anyway: a store that the user names, or one that is started for the demonstration.
 */
interface DemoStore extends AutoCloseable {

	/**
	 * The properties that lead to the store.
	 * @return as on the command line of a Spring Boot application
	 */
	List<String> properties();

	@Override
	void close();

	/**
	 * Starts the store of a driver, unless it needs none or the user names one by an
	 * environment variable such as {@code DRAGONFLOW_DEMO_ETCD}, as {@code host:port}.
	 * @param driver the driver's name
	 * @param directory where the store may write
	 * @return the store, to be closed
	 * @throws IOException if it does not start
	 * @throws InterruptedException if interrupted
	 */
	static DemoStore of(String driver, Path directory) throws IOException, InterruptedException {
		return switch (driver) {
			case "redis" -> of(driver, RedisStore::at, () -> RedisStore.start(directory));
			case "etcd" -> of(driver, EtcdStore::at, () -> EtcdStore.start(directory));
			case "zookeeper" -> of(driver, ZooKeeperStore::at, () -> ZooKeeperStore.start(directory));
			default -> new Named(List.of());
		};
	}

	private static DemoStore of(String driver, Function<String, List<String>> at, Start start)
			throws IOException, InterruptedException {
		String named = System.getenv(variable(driver));
		return (named != null && !named.isBlank()) ? new Named(at.apply(named)) : start.run();
	}

	/**
	 * The environment variable that names a store.
	 */
	static String variable(String driver) {
		return "DRAGONFLOW_DEMO_" + driver.toUpperCase(Locale.ROOT);
	}

	/**
	 * How a store is started.
	 */
	interface Start {

		DemoStore run() throws IOException, InterruptedException;

	}

	/**
	 * A store that runs already, or none at all.
	 *
	 * @param properties that lead to it
	 */
	record Named(List<String> properties) implements DemoStore {

		@Override
		public void close() {
		}

	}

}
