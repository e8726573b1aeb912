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
 * A ZooKeeper of the demonstration's own, in this process.
 *
 * @param connections where it takes connections
 * @param properties that lead to it
 */
record ZooKeeperStore(ServerCnxnFactory connections, List<String> properties) implements DemoStore {

	private static final int TICK_MILLIS = 2000;

	static List<String> at(String address) {
		return List.of("--dragonflow.lock.zookeeper.connect-string=" + address);
	}

	static ZooKeeperStore start(Path directory) throws IOException, InterruptedException {
		// It says a lot, in the middle of the demonstration.
		LoggingSystem.get(ZooKeeperStore.class.getClassLoader()).setLogLevel("org.apache.zookeeper", LogLevel.OFF);
		Path data = directory.resolve("zookeeper");
		FileSystemUtils.deleteRecursively(data);
		Files.createDirectories(data);
		ServerCnxnFactory connections = ServerCnxnFactory
			.createFactory(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		connections.startup(new ZooKeeperServer(data.toFile(), data.toFile(), TICK_MILLIS));
		return new ZooKeeperStore(connections, at("127.0.0.1:" + connections.getLocalPort()));
	}

	@Override
	public void close() {
		this.connections.shutdown();
	}

}
