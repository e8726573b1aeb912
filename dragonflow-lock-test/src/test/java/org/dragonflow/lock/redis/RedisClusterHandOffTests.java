package org.dragonflow.lock.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.awaitility.Awaitility;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.RedisCluster;
import org.dragonflow.lock.test.servers.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.data.redis.connection.RedisClusterConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a lock goes to its first waiter that lives, in a cluster, where each node knows of
 * its own subscribers only.
 */
class RedisClusterHandOffTests extends RedisTest {

	private static final RedisCluster CLUSTER = RedisCluster.start();

	private final LockDriver holder = driver();

	@ParameterizedTest
	@EnumSource
	void aClientThatIsKilledIsPassedOverAtEveryNode(ClusterClient client) throws Exception {
		Map<RedisServer, LockKey> keys = aKeyOfEachMaster();
		List<Hold> holds = new ArrayList<>();
		for (LockKey lock : keys.values()) {
			// The first time, a node is told the scripts.
			takeAndRelease(this.holder, lock);
			holds.add(take(this.holder, lock));
		}
		Map<LockKey, String> channels = new HashMap<>();
		try (WaitingJvm dying = WaitingJvm.start(client, CLUSTER.nodes(), List.copyOf(keys.values()))) {
			keys.forEach((master, lock) -> {
				await("it waits for each lock").until(() -> !channel(master, lock).isEmpty());
				channels.put(lock, channel(master, lock));
			});
			dying.kill();
		}
		LockDriver alive = driver();
		keys.forEach((master, lock) -> {
			LockAttempt attempt = attempt(lock, LONG_LEASE, LONG_LEASE);
			CompletableFuture<@Nullable Grant> behind = queue(master, alive, attempt);
			await("the node has seen the death")
				.until(() -> master.cli("PUBSUB", "NUMSUB", String.valueOf(channels.get(lock))).endsWith("\n0"));
			CommandCount sent = new CommandCount(master);
			this.holder.releaseAll(holds.stream().filter((hold) -> hold.key().equals(lock)).toList());
			assertThat(master.cli("HGET", lock(lock), "owner")).as("to whom the release has given the lock")
				.isEqualTo(attempt.owner());
			assertServed("the waiter behind the dead one", behind);
			assertThat(sent.scripts()).as("scripts that this takes").isEqualTo(1);
			alive.release(attempt.hold());
		});
	}

	@Test
	void aWaiterWhoseLockMovesToAnotherNodeIsServedAndListensThere() throws Exception {
		Hold hold = take(this.holder, this.key);
		LockDriver driver = driver();
		LockAttempt attempt = attempt(this.key, LONG_LEASE, LONG_LEASE);
		RedisServer before = CLUSTER.masterOf(lock(this.key));
		CompletableFuture<@Nullable Grant> waiter = queue(before, driver, attempt);
		RedisServer now = CLUSTER.moveSlot(lock(this.key));
		assertThat(now).as("the node that has the lock now").isNotEqualTo(before);
		assertThat(this.holder.release(hold)).as("the release").isTrue();
		assertServed("the waiter, which this node does not see", waiter);
		assertThat(driver.release(attempt.hold())).as("the waiter's release").isTrue();
		Hold next = take(this.holder, this.key);
		CompletableFuture<@Nullable Grant> second = queue(now, driver, attempt(this.key, LONG_LEASE, LONG_LEASE));
		await("this node sees the second")
			.until(() -> now.cli("PUBSUB", "NUMSUB", channel(now, this.key)).endsWith("\n1"));
		this.holder.release(next);
		assertServed("the second waiter", second);
	}

	@Test
	void aWaiterLooksAgainWhenANodeBreaksItsConnections() throws Exception {
		// The node may be gone for good, and somebody else have its locks.
		take(this.holder, this.key);
		RedisServer master = CLUSTER.masterOf(lock(this.key));
		queue(master, driver(), attempt(this.key, LONG_LEASE, LONG_LEASE));
		CommandCount sent = new CommandCount(master);
		master.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
		Awaitility.await("it looks again").atMost(SOON).until(() -> sent.scripts() >= 1);
	}

	private static Map<RedisServer, LockKey> aKeyOfEachMaster() {
		Map<RedisServer, LockKey> keys = new HashMap<>();
		while (keys.size() < 3) {
			LockKey candidate = new LockKey(NAMESPACE, UUID.randomUUID().toString());
			keys.put(CLUSTER.masterOf(lock(candidate)), candidate);
		}
		return keys;
	}

	/**
	 * Where the only waiter listens.
	 */
	private static String channel(RedisServer master, LockKey key) {
		return master.cli("HVALS", lock(key) + ":waiters").split(" ")[0];
	}

	private LockDriver driver() {
		return this.clients.driver(new RedisClusterConfiguration(CLUSTER.nodes()));
	}

	@AfterAll
	static void stop() {
		CLUSTER.close();
	}

}
