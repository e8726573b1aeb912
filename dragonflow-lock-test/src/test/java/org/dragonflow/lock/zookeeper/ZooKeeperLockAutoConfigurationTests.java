package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.ACL;
import org.dragonflow.lock.DistributedLock;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.autoconfigure.DragonflowLockAutoConfiguration;
import org.dragonflow.lock.autoconfigure.ZooKeeperLockAutoConfiguration;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The driver as an application gets it.
 */
class ZooKeeperLockAutoConfigurationTests {

	private static final String ID = "net-1";

	private static final LockKey KEY = new LockKey("dragonflow", ID);

	private final String root = "/of-" + UUID.randomUUID();

	private final ZooKeeperServer server = ZooKeeperServer.shared();

	private final ApplicationContextRunner bare = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(ZooKeeperLockAutoConfiguration.class, DragonflowLockAutoConfiguration.class))
		.withPropertyValues("dragonflow.lock.driver=zookeeper", "dragonflow.lock.zookeeper.root=" + this.root,
				"dragonflow.lock.zookeeper.timeout=2s");

	private final ApplicationContextRunner runner = this.bare
		.withPropertyValues("dragonflow.lock.zookeeper.connect-string=" + this.server.connectString());

	@Test
	void aConnectStringIsEnough() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(ZooKeeperLockDriver.class).doesNotHaveBean(CuratorFramework.class);
			try (LockHandle hold = context.getBean(DistributedLock.class).acquire(LockRequest.of(ID))) {
				assertThat(hold.fencingToken()).as("The token").isPositive();
				assertThat(hold.remaining()).as("What the hold may rely on, of a lease and session of 30s")
					.isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
				assertThat(nodes()).as("Nodes while held").hasSize(1);
			}
			assertThat(nodes()).as("Nodes after the release").isEmpty();
		});
	}

	@Test
	void theApplicationsOwnClientIsUsedAndLeftOpen() {
		CuratorFramework client = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);
		this.bare.withPropertyValues("dragonflow.lock.zookeeper.connect-string=127.0.0.1:1")
			.withBean(CuratorFramework.class, () -> client, (definition) -> definition.setDestroyMethodName(""))
			.run((context) -> {
				LockHandle hold = context.getBean(DistributedLock.class).acquire(LockRequest.of(ID));
				String node = this.root + "/" + bucket() + "/" + nodes().get(0);
				assertThat(client.checkExists().forPath(node).getEphemeralOwner()).as("Whose session the node is of")
					.isEqualTo(client.getZookeeperClient().getZooKeeper().getSessionId());
				hold.close();
			});
		assertThat(client.getZookeeperClient().isConnected()).as("Whether the client is connected afterwards").isTrue();
		client.close();
	}

	@Test
	void aClientThatIsStartedOnlyWithTheApplicationIsWaitedFor() {
		CuratorFramework client = CuratorFrameworkFactory.newClient(this.server.connectString(), new RetryOneTime(100));
		this.bare.withBean(CuratorFramework.class, () -> client)
			.withBean(StartedLast.class, () -> new StartedLast(client))
			.run((context) -> context.getBean(DistributedLock.class).run(ID, () -> {
			}));
	}

	@Test
	void nodesBelongToWhomTheClientIsAuthenticatedAs() {
		ApplicationContextRunner authenticated = this.runner.withPropertyValues(
				"dragonflow.lock.zookeeper.auth-scheme=digest", "dragonflow.lock.zookeeper.auth-value=locks:secret");
		authenticated.run((context) -> {
			LockHandle hold = context.getBean(DistributedLock.class).acquire(LockRequest.of(ID));
			try (CuratorFramework admin = CuratorFrameworkFactory.builder()
				.connectString(this.server.connectString())
				.authorization("digest", "locks:secret".getBytes())
				.retryPolicy(new RetryOneTime(100))
				.build()) {
				admin.start();
				String bucket = this.root + "/" + bucket();
				String node = bucket + "/" + admin.getChildren().forPath(bucket).get(0);
				for (String path : List.of(this.root, bucket, node)) {
					assertThat(admin.getACL().forPath(path)).as("Who may touch %s", path)
						.extracting(ACL::getId)
						.allSatisfy((id) -> assertThat(id.getId()).startsWith("locks:"));
				}
			}
			hold.close();
		});
		this.runner.run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(KeeperException.NoAuthException.class));
		this.runner.run((context) -> assertThat(context).getFailure()
			.cause()
			.isInstanceOf(LockStoreException.class)
			.hasMessageContaining("auth-scheme")
			.satisfies(
					(ex) -> assertThat(((LockStoreException) ex).isRefused()).as("Whether it is a refusal").isTrue()));
		authenticated.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void anUnknownSchemeIsTold() {
		this.runner
			.withPropertyValues("dragonflow.lock.zookeeper.auth-scheme=unknown",
					"dragonflow.lock.zookeeper.auth-value=any")
			.run((context) -> assertThat(context).getFailure()
				.cause()
				.isInstanceOf(LockStoreException.class)
				.hasMessageContaining("authentication"));
	}

	@Test
	void aMissingPathInTheConnectStringIsTold() {
		this.bare
			.withPropertyValues(
					"dragonflow.lock.zookeeper.connect-string=" + this.server.connectString() + "/missing" + this.root)
			.run((context) -> assertThat(context).getFailure()
				.cause()
				.isInstanceOf(LockStoreException.class)
				.hasMessageContaining("connect string"));
	}

	@Test
	void aServerThatIsNotThereIsToldInTime() {
		long start = System.nanoTime();
		this.bare.withPropertyValues("dragonflow.lock.zookeeper.connect-string=127.0.0.1:1")
			.run((context) -> assertThat(context).getFailure()
				.cause()
				.isInstanceOf(LockStoreException.class)
				.hasMessageContaining("127.0.0.1:1")
				.satisfies((ex) -> assertThat(((LockStoreException) ex).isRefused()).as("Whether it is a refusal")
					.isFalse()));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("The time of the start")
			.isLessThan(Duration.ofSeconds(20));
	}

	@Test
	void aWrongPropertyIsNamed() {
		Map.of("root", "locks", "timeout", "0s", "session-timeout", "0s", "auth-scheme", "digest")
			.forEach((name, value) -> this.runner.withPropertyValues("dragonflow.lock.zookeeper." + name + "=" + value)
				.run((context) -> assertThat(context).getFailure()
					.rootCause()
					.hasMessageContaining("dragonflow.lock.zookeeper." + name)));
	}

	@Test
	void withoutCuratorOrForAnotherDriverThereIsNone() {
		ApplicationContextRunner only = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ZooKeeperLockAutoConfiguration.class))
			.withPropertyValues("dragonflow.lock.driver=zookeeper");
		only.withClassLoader(new FilteredClassLoader("org.apache.curator"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockDriver.class));
		for (String property : List.of("dragonflow.lock.driver=other", "dragonflow.lock.enabled=false")) {
			only.withPropertyValues(property)
				.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockDriver.class));
		}
		assertThatExceptionOfType(ClassNotFoundException.class).as("A class that the filter hides")
			.isThrownBy(() -> new FilteredClassLoader("org.apache.curator")
				.loadClass("org.apache.curator.framework.CuratorFramework"));
	}

	private String bucket() {
		String path = TestClients.bucket(KEY);
		return path.substring(path.lastIndexOf('/') + 1);
	}

	private List<String> nodes() throws Exception {
		try (CuratorFramework admin = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION)) {
			return admin.getChildren().forPath(this.root + "/" + bucket());
		}
	}

	/**
	 * As the client of Spring Integration is: part of the life cycle.
	 */
	record StartedLast(CuratorFramework client) implements SmartLifecycle {

		@Override
		public void start() {
			this.client.start();
		}

		@Override
		public void stop() {
			this.client.close();
		}

		@Override
		public boolean isRunning() {
			return this.client.getState() == CuratorFrameworkState.STARTED;
		}

		@Override
		public int getPhase() {
			return 0;
		}

	}

}
