package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
import org.dragonflow.lock.spi.LockKey;

/**
 * Clients of the servers that tests start, and what they find there by themselves.
 */
public final class TestClients {

	/**
	 * Far longer than any test: such a session ends by no accident.
	 */
	public static final Duration LONG_SESSION = Duration.ofMinutes(2);

	private TestClients() {
	}

	public static CuratorFramework connect(String connectString, Duration sessionTimeout) {
		return connect(connectString, sessionTimeout, ZooKeeperLockSettings.defaults().timeout());
	}

	/**
	 * A client like those that the driver has where the application has none.
	 */
	public static CuratorFramework connect(String connectString, Duration sessionTimeout, Duration timeout) {
		CuratorFramework client = CuratorFrameworkFactory.builder()
			.connectString(connectString)
			.sessionTimeoutMs((int) sessionTimeout.toMillis())
			.connectionTimeoutMs(10_000)
			.zookeeperFactory(new PromptZookeeperFactory(timeout))
			.retryPolicy(new RetryOneTime(100))
			.ensembleTracker(false)
			.build();
		client.start();
		return client;
	}

	/**
	 * A driver with a client of its own.
	 */
	public static ZooKeeperLockDriver driver(String connectString, Duration sessionTimeout) {
		return ZooKeeperLockDriver.owning(connect(connectString, sessionTimeout), ZooKeeperLockSettings.defaults());
	}

	/**
	 * The bucket of a key.
	 */
	public static String bucket(LockKey key) {
		ZooKeeperLockSettings defaults = ZooKeeperLockSettings.defaults();
		Requests requests = new Requests(defaults.acl(), defaults.timeout());
		return new Buckets(defaults.root(), requests, Integer.MAX_VALUE, Integer.MAX_VALUE).path(key);
	}

	/**
	 * The paths of a key's nodes, the holder's first.
	 */
	public static List<String> nodes(CuratorFramework client, LockKey key) throws Exception {
		try {
			String bucket = bucket(key);
			Map<Integer, String> nodes = new TreeMap<>();
			for (String child : client.getChildren().forPath(bucket)) {
				NodeName name = NodeName.parse(child);
				if (name != null && name.key().equals(key.name())) {
					nodes.put(name.sequence(), bucket + "/" + child);
				}
			}
			return List.copyOf(nodes.values());
		}
		catch (KeeperException.NoNodeException ex) {
			return List.of();
		}
	}

	/**
	 * Deletes the node of whoever holds a lock.
	 */
	public static void deleteHolder(CuratorFramework client, LockKey key) throws Exception {
		client.delete().forPath(nodes(client, key).get(0));
	}

}
