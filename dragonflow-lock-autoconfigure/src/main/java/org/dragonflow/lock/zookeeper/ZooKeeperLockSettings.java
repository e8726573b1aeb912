package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.List;

import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.common.PathUtils;
import org.apache.zookeeper.data.ACL;

/**
 * What the driver needs to know beside where the servers are.
 *
 * @param root the node below which the locks are, an absolute path; created when missing
 * @param timeout how long to wait for a connection, and for the answer to a request
 * @param creatorOnly whether only clients that are authenticated as this one may touch
 * the nodes; otherwise everybody may
 */
public record ZooKeeperLockSettings(String root, Duration timeout, boolean creatorOnly) {

	/**
	 * The root that is used where nothing else is said.
	 */
	public static final String DEFAULT_ROOT = "/dragonflow-lock";

	/**
	 * Checks the settings.
	 * @throws IllegalArgumentException if one is out of its range
	 */
	public ZooKeeperLockSettings {
		PathUtils.validatePath(root);
		if (root.equals("/")) {
			throw new IllegalArgumentException("The root must be a node of its own, below /");
		}
		if (timeout.toMillis() < 1 || timeout.toMillis() > Integer.MAX_VALUE) {
			throw new IllegalArgumentException("The timeout must be at least 1ms and below 25 days, but is " + timeout);
		}
	}

	/**
	 * The defaults: the default root, a timeout of five seconds, nodes for everybody.
	 * @return settings that fit servers without authentication
	 */
	public static ZooKeeperLockSettings defaults() {
		return new ZooKeeperLockSettings(DEFAULT_ROOT, Duration.ofSeconds(5), false);
	}

	List<ACL> acl() {
		return this.creatorOnly ? ZooDefs.Ids.CREATOR_ALL_ACL : ZooDefs.Ids.OPEN_ACL_UNSAFE;
	}

}
