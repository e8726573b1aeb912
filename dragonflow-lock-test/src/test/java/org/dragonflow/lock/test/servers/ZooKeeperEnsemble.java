package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Three ZooKeepers that make up one ensemble, each in a JVM of its own.
 */
public final class ZooKeeperEnsemble implements AutoCloseable {

	private static final int SIZE = 3;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static @Nullable ZooKeeperEnsemble shared;

	private final List<ZooKeeperServer> servers;

	private ZooKeeperEnsemble(List<ZooKeeperServer> servers) {
		this.servers = servers;
	}

	/**
	 * The ensemble that all tests of this JVM share, which must be left running.
	 * @return an ensemble with a leader
	 */
	public static synchronized ZooKeeperEnsemble shared() {
		if (shared == null) {
			shared = start();
		}
		return shared;
	}

	/**
	 * Starts an ensemble for one class of tests.
	 * @return an ensemble with a leader
	 */
	public static ZooKeeperEnsemble start() {
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("initLimit", "25");
		settings.put("syncLimit", "5");
		settings.put("standaloneEnabled", "false");
		settings.put("readonlymode.enabled", "true");
		List<Integer> ports = new ArrayList<>();
		for (int id = 1; id <= SIZE; id++) {
			ports.add(Commands.freePort());
			settings.put("server." + id, "127.0.0.1:" + Commands.freePort() + ":" + Commands.freePort());
		}
		List<ZooKeeperServer> servers = new ArrayList<>();
		for (int id = 1; id <= SIZE; id++) {
			servers.add(ZooKeeperServer.prepare(ports.get(id - 1), settings, id));
		}
		ZooKeeperEnsemble ensemble = new ZooKeeperEnsemble(servers);
		servers.forEach(ZooKeeperServer::launch);
		ensemble.awaitAll();
		return ensemble;
	}

	/**
	 * All servers.
	 * @return hosts and ports, with commas in between
	 */
	public String connectString() {
		return this.servers.stream().map(ZooKeeperServer::connectString).collect(Collectors.joining(","));
	}

	/**
	 * The server that leads now.
	 * @return a running server
	 */
	public ZooKeeperServer leader() {
		Awaitility.await("The ensemble has a leader")
			.atMost(PATIENCE)
			.until(() -> this.servers.stream().anyMatch(ZooKeeperEnsemble::leads));
		return this.servers.stream().filter(ZooKeeperEnsemble::leads).findFirst().orElseThrow();
	}

	/**
	 * The servers that follow now.
	 * @return all others than the leader
	 */
	public List<ZooKeeperServer> followers() {
		ZooKeeperServer leader = leader();
		return this.servers.stream().filter((server) -> server != leader).toList();
	}

	/**
	 * Has all servers run and serve, whatever they did before.
	 */
	public void heal() {
		this.servers.forEach(ZooKeeperServer::resume);
		this.servers.stream().filter((server) -> !server.isRunning()).forEach(ZooKeeperServer::launch);
		awaitAll();
	}

	@Override
	public void close() {
		this.servers.forEach(ZooKeeperServer::close);
	}

	private void awaitAll() {
		this.servers.forEach(ZooKeeperServer::awaitAnswer);
		leader();
	}

	private static boolean leads(ZooKeeperServer server) {
		try {
			return server.ask("srvr").contains("Mode: leader");
		}
		catch (IOException ex) {
			return false;
		}
	}

}
