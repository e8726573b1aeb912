package org.dragonflow.lock.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.ClusterSlotHashUtil;
import org.springframework.data.redis.connection.RedisClusterNode;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisNode;

/**
 * The nodes of a cluster that have locks, as far as a client has heard of it.
 *
 * @param nodes those that serve slots
 */
record ClusterMasters(List<RedisClusterNode> nodes) {

	/**
	 * What the application's client believes. It learns of a change when it is sent
	 * elsewhere.
	 */
	static ClusterMasters seenBy(RedisConnectionFactory factory) {
		try {
			return Interrupts.deferred(() -> {
				try (RedisConnection connection = factory.getConnection()) {
					List<RedisClusterNode> nodes = new ArrayList<>();
					((RedisClusterConnection) connection).clusterGetNodes().forEach(nodes::add);
					return new ClusterMasters(nodes.stream()
						.filter((node) -> node.isMaster() && !node.isMarkedAsFail()
								&& !node.getSlotRange().getSlots().isEmpty())
						.toList());
				}
			});
		}
		catch (RuntimeException ex) {
			throw RedisErrors.translate("see the nodes of the cluster", ex);
		}
	}

	/**
	 * The node that serves a key.
	 * @return null if there is none at the moment
	 */
	@Nullable RedisNode withKey(String key) {
		int slot = ClusterSlotHashUtil.calculateSlot(key);
		return this.nodes.stream().filter((node) -> node.servesSlot(slot)).findFirst().orElse(null);
	}

	Set<String> addresses() {
		return this.nodes.stream().map(RedisNode::asString).collect(Collectors.toSet());
	}

}
