package org.dragonflow.lock.test.servers;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Three members of etcd.
 */
public final class EtcdCluster implements AutoCloseable {

	private static final int MEMBERS = 3;

	private static @Nullable EtcdCluster shared;

	private final List<EtcdServer> members;

	private EtcdCluster(List<EtcdServer> members) {
		this.members = members;
	}

	/**
	 * The cluster that all tests of this JVM share, which must be left running.
	 * @return a running cluster
	 */
	public static synchronized EtcdCluster shared() {
		if (shared == null) {
			shared = start();
		}
		return shared;
	}

	/**
	 * Starts a cluster for one test.
	 * @return a running cluster
	 */
	public static EtcdCluster start() {
		List<String> peers = new ArrayList<>();
		StringJoiner cluster = new StringJoiner(",");
		for (int i = 0; i < MEMBERS; i++) {
			peers.add("http://127.0.0.1:" + Commands.freePort());
			cluster.add("m" + i + "=" + peers.get(i));
		}
		List<EtcdServer> members = new ArrayList<>();
		for (int i = 0; i < MEMBERS; i++) {
			members.add(EtcdServer.prepare("m" + i, peers.get(i), cluster.toString(), "http", List.of()));
		}
		members.forEach(EtcdServer::begin);
		members.forEach(EtcdServer::awaitAnswer);
		return new EtcdCluster(members);
	}

	/**
	 * Where clients connect to.
	 * @return the endpoints of all members
	 */
	public List<URI> endpoints() {
		return this.members.stream().map(EtcdServer::endpoint).toList();
	}

	/**
	 * The members.
	 * @return always the same three
	 */
	public List<EtcdServer> members() {
		return this.members;
	}

	/**
	 * The member that leads now.
	 * @return the leader, once there is one
	 */
	public EtcdServer leader() {
		Awaitility.await("a leader is elected").atMost(Duration.ofSeconds(30)).until(() -> findLeader() != null);
		EtcdServer leader = findLeader();
		return (leader != null) ? leader : leader();
	}

	/**
	 * The members that follow.
	 * @return all but the leader
	 */
	public List<EtcdServer> followers() {
		EtcdServer leader = leader();
		return this.members.stream().filter((member) -> member != leader).toList();
	}

	/**
	 * Lets paused members go on, starts those that do not run, and returns when all
	 * answer.
	 */
	public void heal() {
		this.members.forEach(EtcdServer::heal);
		this.members.forEach(EtcdServer::awaitAnswer);
	}

	/**
	 * Ends the cluster for good, and deletes its data.
	 */
	@Override
	public void close() {
		this.members.forEach(EtcdServer::close);
	}

	private @Nullable EtcdServer findLeader() {
		return this.members.stream().filter(EtcdServer::isLeader).findFirst().orElse(null);
	}

}
