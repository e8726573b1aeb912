package org.dragonflow.lock.test.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A cluster of Redis: three masters, and most often a replica of each.
 */
public final class RedisCluster implements AutoCloseable {

	private final List<RedisServer> servers;

	private RedisCluster(List<RedisServer> servers) {
		this.servers = servers;
	}

	/**
	 * Starts a cluster.
	 * @return a cluster that serves all slots
	 */
	public static RedisCluster start() {
		return start(1, "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1");
	}

	/**
	 * Starts a cluster of three masters, none of which can be replaced. When one is gone,
	 * the others go on.
	 * @return a cluster that serves all slots
	 */
	public static RedisCluster startWithoutReplicas() {
		return start(0, "--cluster-require-full-coverage", "no");
	}

	private static RedisCluster start(int replicas, String... options) {
		List<RedisServer> servers = new ArrayList<>();
		for (int i = 0; i < 3 * (1 + replicas); i++) {
			List<String> all = new ArrayList<>(List.of("--cluster-enabled", "yes", "--cluster-node-timeout", "1000",
					"--cluster-port", String.valueOf(Commands.freePort())));
			all.addAll(List.of(options));
			servers.add(RedisServer.start(all.toArray(String[]::new)));
		}
		RedisCluster cluster = new RedisCluster(servers);
		List<String> command = new ArrayList<>(List.of(RedisServer.program("redis-cli"), "--cluster", "create"));
		cluster.nodes().forEach(command::add);
		command.addAll(List.of("--cluster-replicas", String.valueOf(replicas), "--cluster-yes"));
		Commands.run(command);
		cluster.awaitSlots(replicas > 0);
		return cluster;
	}

	/**
	 * Where the nodes listen.
	 * @return addresses with ports
	 */
	public List<String> nodes() {
		return this.servers.stream().map((server) -> "127.0.0.1:" + server.port()).toList();
	}

	/**
	 * The node that has a key now.
	 * @param key any key
	 * @return a running master
	 */
	public RedisServer masterOf(String key) {
		return running().filter((server) -> server.cli("ROLE").startsWith("master"))
			.filter((server) -> !server.cli("EXISTS", key).startsWith("MOVED"))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("No master has " + key));
	}

	/**
	 * Has another master take over the slot of a key, with all that is in it.
	 * @param key any key
	 * @return the node that has it now
	 */
	public RedisServer moveSlot(String key) {
		RedisServer from = masterOf(key);
		RedisServer to = running().filter((server) -> server != from && server.cli("ROLE").startsWith("master"))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("There is no other master"));
		String slot = from.cli("CLUSTER", "KEYSLOT", key);
		String id = to.cli("CLUSTER", "MYID");
		to.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", from.cli("CLUSTER", "MYID"));
		from.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", id);
		List<String> migrate = new ArrayList<>(
				List.of("MIGRATE", "127.0.0.1", String.valueOf(to.port()), "", "0", "10000", "KEYS"));
		from.cli("CLUSTER", "GETKEYSINSLOT", slot, "1000").lines().forEach(migrate::add);
		from.cli(migrate.toArray(String[]::new));
		to.cli("CLUSTER", "SETSLOT", slot, "NODE", id);
		from.cli("CLUSTER", "SETSLOT", slot, "NODE", id);
		return to;
	}

	/**
	 * Runs a command at the node that has its key.
	 * @param arguments the command
	 * @return the answer as text
	 */
	public String cli(String... arguments) {
		List<String> command = new ArrayList<>(List.of("-c"));
		command.addAll(List.of(arguments));
		return running().findFirst().orElseThrow().cli(command.toArray(String[]::new));
	}

	/**
	 * All nodes.
	 * @return masters and replicas
	 */
	public List<RedisServer> servers() {
		return this.servers;
	}

	private Stream<RedisServer> running() {
		return this.servers.stream().filter(RedisServer::isRunning);
	}

	private void awaitSlots(boolean replicated) {
		RedisServer.awaitAll("the cluster", this.servers, (server) -> {
			String state = server.cli("CLUSTER", "INFO");
			// Without full coverage, one that has not heard of the others is fine, too.
			return state.contains("cluster_state:ok") && state.contains("cluster_slots_ok:16384")
					&& (!replicated || isReplicated(server));
		});
	}

	private static boolean isReplicated(RedisServer server) {
		return server.cli("INFO", "replication")
			.contains(server.cli("ROLE").startsWith("master") ? "state=online" : "master_link_status:up");
	}

	@Override
	public void close() {
		this.servers.forEach(RedisServer::close);
	}

}
