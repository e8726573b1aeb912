package org.dragonflow.samples.northbound.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.util.FileSystemUtils;

/**
 * A ZooKeeper for the demonstration: one that the user names by the environment variable
 * {@code DRAGONFLOW_DEMO_ZOOKEEPER} as {@code host:port}, or else one of its own, in this
 * process.
 */
final class DemoZooKeeper implements AutoCloseable {

	private static final String DRIVER = "zookeeper";

	private static final int TICK_MILLIS = 2000;

	private final List<String> properties;

	private final AutoCloseable server;

	private DemoZooKeeper(List<String> properties, AutoCloseable server) {
		this.properties = properties;
		this.server = server;
	}

	/**
	 * Starts a server if the driver needs one that is not there.
	 * @param choice how to lock
	 * @param directory where the server may write
	 * @return what has to be closed
	 * @throws IOException if it cannot be started
	 * @throws InterruptedException if interrupted
	 */
	static DemoZooKeeper startFor(LockChoice choice, Path directory) throws IOException, InterruptedException {
		if (!choice.driver().equals(DRIVER)) {
			return new DemoZooKeeper(List.of(), () -> {
			});
		}
		String named = System.getenv("DRAGONFLOW_DEMO_ZOOKEEPER");
		if (named != null && !named.isBlank()) {
			return new DemoZooKeeper(at(named), () -> {
			});
		}
		// It says a lot, in the middle of the demonstration.
		LoggingSystem.get(DemoZooKeeper.class.getClassLoader()).setLogLevel("org.apache.zookeeper", LogLevel.OFF);
		Path data = directory.resolve(DRIVER);
		FileSystemUtils.deleteRecursively(data);
		Files.createDirectories(data);
		ServerCnxnFactory connections = ServerCnxnFactory
			.createFactory(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		connections.startup(new ZooKeeperServer(data.toFile(), data.toFile(), TICK_MILLIS));
		return new DemoZooKeeper(at("127.0.0.1:" + connections.getLocalPort()), connections::shutdown);
	}

	private static List<String> at(String address) {
		return List.of("--dragonflow.lock.zookeeper.connect-string=" + address);
	}

	/**
	 * The same choice, with the server's address.
	 * @param choice how to lock
	 * @return how to lock there
	 */
	LockChoice complete(LockChoice choice) {
		return choice.with(this.properties);
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (Exception ex) {
			throw new IllegalStateException("The ZooKeeper of the demonstration does not stop", ex);
		}
	}

}
