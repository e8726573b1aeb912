package org.dragonflow.lock.test.servers;

import java.util.ArrayList;
import java.util.List;

/**
 * A master of Redis, two replicas, and three sentinels that watch over them.
 */
public final class RedisSentinels implements AutoCloseable {

	/**
	 * The name that the sentinels have for the master.
	 */
	public static final String MASTER = "main";

	private final List<RedisServer> servers;

	private final List<RedisServer> sentinels;

	private RedisSentinels(List<RedisServer> servers, List<RedisServer> sentinels) {
		this.servers = servers;
		this.sentinels = sentinels;
	}

	/**
	 * Starts all of them.
	 * @return servers that are replicated, and sentinels that know of each other
	 */
	public static RedisSentinels start() {
		String[] options = { "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1" };
		List<RedisServer> servers = new ArrayList<>(List.of(RedisServer.start(options)));
		servers.add(RedisServer.startReplicaOf(servers.get(0), options));
		servers.add(RedisServer.startReplicaOf(servers.get(0), options));
		List<RedisServer> sentinels = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			sentinels.add(startSentinel(servers.get(0).port()));
		}
		RedisServer.awaitAll("a sentinel", sentinels, (sentinel) -> {
			String seen = sentinel.cli("INFO", "sentinel");
			return seen.contains("slaves=2") && seen.contains("sentinels=3");
		});
		return new RedisSentinels(servers, sentinels);
	}

	private static RedisServer startSentinel(int masterPort) {
		return RedisServer.startSentinel("""
				sentinel monitor %1$s 127.0.0.1 %2$d 2
				sentinel down-after-milliseconds %1$s 500
				sentinel failover-timeout %1$s 5000
				""".formatted(MASTER, masterPort));
	}

	/**
	 * Where the sentinels listen.
	 * @return addresses with ports
	 */
	public List<String> nodes() {
		return this.sentinels.stream().map((sentinel) -> "127.0.0.1:" + sentinel.port()).toList();
	}

	/**
	 * The master by the sentinels' word.
	 * @return a server
	 */
	public RedisServer master() {
		String port = this.sentinels.get(0).cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER).split("\\s+")[1];
		return this.servers.stream()
			.filter((server) -> String.valueOf(server.port()).equals(port))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("The sentinels name a stranger at port " + port));
	}

	/**
	 * The other servers, as far as they run.
	 * @return the present replicas
	 */
	public List<RedisServer> replicas() {
		RedisServer master = master();
		return this.servers.stream().filter((server) -> server != master && server.isRunning()).toList();
	}

	/**
	 * Waits until the sentinels have made another server the master.
	 * @param former the master before
	 */
	public void awaitFailover(RedisServer former) {
		RedisServer.awaitAll("a new master", this.sentinels,
				(sentinel) -> !sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)
					.contains(String.valueOf(former.port())));
		RedisServer.awaitAll("the new master", List.of(master()), (server) -> server.cli("ROLE").startsWith("master"));
	}

	@Override
	public void close() {
		this.sentinels.forEach(RedisServer::close);
		this.servers.forEach(RedisServer::close);
	}

}
