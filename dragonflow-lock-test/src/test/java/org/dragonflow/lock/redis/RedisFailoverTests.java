package org.dragonflow.lock.redis;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.engine.LockEngine;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.servers.RedisCluster;
import org.dragonflow.lock.test.servers.RedisSentinels;
import org.dragonflow.lock.test.servers.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a failover keeps, and what it loses.
 */
class RedisFailoverTests extends RedisTest {

	@Test
	void aHoldAndItsWaiterOutliveAFailover() throws Exception {
		try (RedisSentinels sentinels = RedisSentinels.start()) {
			LockDriver driver = driver(sentinels);
			LockAttempt attempt = attempt(this.key);
			Grant grant = driver.acquire(attempt);
			assertThat(grant).as("the grant").isNotNull();
			CompletableFuture<@Nullable Grant> waiter = queue(sentinels.master(), driver(sentinels),
					attempt(this.key, LONG_LEASE, LONG_LEASE));
			awaitReplicated(sentinels);
			RedisServer former = sentinels.master();
			former.kill();
			sentinels.awaitFailover(former);
			await("the hold is there at the new master").ignoreExceptions()
				.until(() -> driver.renew(Set.of(attempt.hold()), LONG_LEASE).lost().isEmpty());
			waiterListensAgain(sentinels);
			assertThat(driver.release(attempt.hold())).as("the release").isTrue();
			assertThat(waiter).as("the waiter").succeedsWithin(PATIENCE).satisfies((served) -> {
				assertThat(served).isNotNull();
				assertThat(served.token()).as("its token").isGreaterThan(grant.token());
			});
		}
	}

	@Test
	void whatWasNotReplicatedIsLostAndAnotherIsLetInWithAHigherToken() throws Exception {
		// What it cannot survive: the documentation says so.
		try (RedisSentinels sentinels = RedisSentinels.start()) {
			LockDriver driver = driver(sentinels);
			takeAndRelease(driver, this.key);
			RedisServer former = sentinels.master();
			List<RedisServer> replicas = sentinels.replicas();
			// What the master does from now on reaches nobody.
			replicas.forEach(RedisServer::pause);
			former.cli("CLIENT", "KILL", "TYPE", "replica");
			LockAttempt attempt = attempt(this.key);
			Grant first = driver.acquire(attempt);
			assertThat(first).as("the first grant").isNotNull();
			former.kill();
			replicas.forEach(RedisServer::resume);
			sentinels.awaitFailover(former);
			LockDriver other = driver(sentinels);
			LockAttempt intruder = attempt(this.key, LONG_LEASE, PATIENCE);
			Grant second = other.acquire(intruder);
			assertThat(second).as("a second grant, while the first is believed to be valid").isNotNull();
			assertThat(first.validUntil().hasPassed()).as("whether the first has ended").isFalse();
			assertThat(second.token()).as("the token by which a resource refuses the first")
				.isGreaterThan(first.token());
			await("the next renewal finds the loss").ignoreExceptions()
				.until(() -> driver.renew(Set.of(attempt.hold()), LONG_LEASE).lost().contains(attempt.hold()));
		}
	}

	@Test
	void aHoldAndItsWaiterOutliveTheFailoverOfAClustersMaster() throws Exception {
		try (RedisCluster cluster = RedisCluster.start()) {
			LockDriver driver = this.clients.driver(new RedisClusterConfiguration(cluster.nodes()));
			LockAttempt attempt = attempt(this.key);
			Grant grant = driver.acquire(attempt);
			assertThat(grant).as("the grant").isNotNull();
			RedisServer former = cluster.masterOf(lock(this.key));
			// The engine tries on while there is no master.
			try (LockEngine waiting = engine(this.clients.driver(new RedisClusterConfiguration(cluster.nodes())),
					LONG_LEASE)) {
				CompletableFuture<Long> waiter = later(
						() -> waiting.acquire(LockRequest.of(this.key.objectId())).fencingToken());
				await("the waiter is in the queue")
					.until(() -> former.cli("EXISTS", lock(this.key) + ":queue").equals("1"));
				awaitReplicated(former);
				former.kill();
				await("the hold is there at the new master").ignoreExceptions()
					.until(() -> driver.renew(Set.of(attempt.hold()), LONG_LEASE).lost().isEmpty());
				assertThat(driver.release(attempt.hold())).as("the release").isTrue();
				assertThat(waiter).as("the waiter's token")
					.succeedsWithin(SOON)
					// The engine leaves room between the tokens of two grants.
					.satisfies((token) -> assertThat(token / 1024).isGreaterThan(grant.token()));
			}
		}
	}

	private void awaitReplicated(RedisSentinels sentinels) {
		await("the replicas have the hold and the queue").until(() -> sentinels.replicas()
			.stream()
			.allMatch((replica) -> replica.cli("EXISTS", lock(this.key), lock(this.key) + ":queue").equals("2")));
	}

	private void awaitReplicated(RedisServer master) {
		await("the replica has what the master has").until(() -> {
			String state = master.cli("INFO", "replication");
			return state.contains("offset=" + state.replaceAll("(?s).*master_repl_offset:(\\d+).*", "$1") + ",");
		});
	}

	private void waiterListensAgain(RedisSentinels sentinels) {
		await("the waiter listens to the new master")
			.until(() -> !sentinels.master().cli("PUBSUB", "CHANNELS", RedisClients.PREFIX + "*").isEmpty());
	}

	private LockDriver driver(RedisSentinels sentinels) {
		return this.clients
			.driver(new RedisSentinelConfiguration(RedisSentinels.MASTER, Set.copyOf(sentinels.nodes())));
	}

}
