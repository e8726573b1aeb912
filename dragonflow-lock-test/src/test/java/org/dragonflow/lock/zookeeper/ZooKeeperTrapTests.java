package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockThreads;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The mistakes that other locks in ZooKeeper have made.
 */
class ZooKeeperTrapTests {

	// A server may accept a connection and never serve it. The client gives it up and
	// takes another; a driver with the same patience would give up first.
	private static final ZooKeeperLockSettings PATIENT = new ZooKeeperLockSettings(ZooKeeperLockSettings.DEFAULT_ROOT,
			ZooKeeperLockSettings.defaults().timeout().multipliedBy(4), false);

	private static final Duration LEASE = Duration.ofMinutes(2);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final int BUCKETS = 1024;

	private final ZooKeeperServer server = ZooKeeperServer.shared();

	private final CuratorFramework admin = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);

	private final List<AutoCloseable> clients = new ArrayList<>();

	private final LockKey key = new LockKey("traps", UUID.randomUUID().toString());

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable client : this.clients) {
			client.close();
		}
		this.admin.close();
	}

	@Test
	void theOrderIsThatOfTheSequenceAndNotOfTheNames() throws Exception {
		ZooKeeperLockDriver driver = driver();
		LockAttempt first = new LockAttempt(this.key, "zzz", LEASE, Deadline.in(Duration.ZERO));
		assertThat(driver.acquire(first)).as("The grant of a free lock").isNotNull();
		LockAttempt second = new LockAttempt(this.key, "aaa", LEASE, Deadline.in(Duration.ZERO));
		assertThat(driver().acquire(second)).as("The grant for an owner whose name comes first").isNull();
		assertThat(driver.acquire(first)).as("The grant again").isNotNull();
	}

	@Test
	void aWaiterThatGivesUpLeavesNoNodeAndNoWatch() throws Exception {
		ZooKeeperLockDriver holder = driver();
		ZooKeeperLockDriver waiter = driver();
		LockAttempt attempt = attempt(Duration.ZERO);
		assertThat(holder.acquire(attempt)).as("The grant of a free lock").isNotNull();
		assertThat(waiter.acquire(attempt(Duration.ofMillis(300)))).as("A wait in vain").isNull();
		Thread caller = Thread.currentThread();
		CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS).execute(caller::interrupt);
		assertThatExceptionOfType(InterruptedException.class).as("An interrupted wait")
			.isThrownBy(() -> waiter.acquire(attempt(LEASE)));
		assertThat(nodes()).as("The nodes of the lock").hasSize(1);
		await("No watch on the holder's node is left").until(() -> !this.server.ask("wchp").contains(nodes().get(0)));
	}

	@Test
	void aWaiterInTheMiddleThatDiesLetsNobodyPastTheHolder() throws Exception {
		ZooKeeperLockDriver holder = driver();
		LockAttempt held = attempt(Duration.ZERO);
		holder.acquire(held);
		CuratorFramework client = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);
		this.clients.add(client);
		ZooKeeperLockDriver dying = new ZooKeeperLockDriver(client, ZooKeeperLockSettings.defaults());
		this.clients.add(0, dying);
		later(dying, attempt(LEASE));
		await("The first waiter stands in line").until(() -> nodes().size() == 2);
		CompletableFuture<@Nullable Grant> second = later(driver(), attempt(LEASE));
		await("The second waiter stands in line").until(() -> nodes().size() == 3);
		client.close();
		await("The first waiter is gone").until(() -> nodes().size() == 2);
		Awaitility.await("The second waiter waits on").during(Duration.ofMillis(300)).until(() -> !second.isDone());
		holder.release(held.hold());
		assertThat(second.get(20, TimeUnit.SECONDS)).as("The grant of the waiter behind").isNotNull();
	}

	@Test
	void aNodeThatIsDeletedByHandIsToldAtOnceOnceTheHoldWasRenewed() throws Exception {
		ZooKeeperLockDriver driver = driver();
		CompletableFuture<Hold> lost = new CompletableFuture<>();
		driver.onLoss(lost::complete);
		LockAttempt attempt = attempt(Duration.ZERO);
		driver.acquire(attempt);
		driver.renew(List.of(attempt.hold()), LEASE);
		TestClients.deleteHolder(this.admin, this.key);
		assertThat(lost.get(20, TimeUnit.SECONDS)).as("The lost hold").isEqualTo(attempt.hold());
		assertThat(driver.renew(List.of(attempt.hold()), LEASE).lost()).as("What a renewal finds lost")
			.containsExactly(attempt.hold());
	}

	@Test
	void aSessionThatEndsIsToldForAllItsHoldsAndTheClientGoesOn() throws Exception {
		CuratorFramework client = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);
		this.clients.add(client);
		ZooKeeperLockDriver driver = new ZooKeeperLockDriver(client, PATIENT);
		this.clients.add(0, driver);
		List<Hold> lost = new CopyOnWriteArrayList<>();
		driver.onLoss(lost::add);
		List<Hold> holds = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			LockAttempt attempt = new LockAttempt(new LockKey("traps", this.key.objectId() + i), "owner", LEASE,
					Deadline.in(Duration.ZERO));
			assertThat(driver.acquire(attempt)).as("The grant of a free lock").isNotNull();
			holds.add(attempt.hold());
		}
		endSession(client);
		await("All holds are told lost").until(() -> lost.size() == holds.size());
		assertThat(lost).as("What is told lost").containsExactlyInAnyOrderElementsOf(holds);
		LockAttempt again = attempt(Duration.ZERO);
		assertThat(driver.acquire(again)).as("A grant in the next session").isNotNull();
	}

	@Test
	void aWaiterWhoseSessionEndsStandsInLineAgain() throws Exception {
		ZooKeeperLockDriver holder = driver();
		LockAttempt held = attempt(Duration.ZERO);
		holder.acquire(held);
		CuratorFramework client = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);
		this.clients.add(client);
		ZooKeeperLockDriver driver = new ZooKeeperLockDriver(client, PATIENT);
		this.clients.add(0, driver);
		CompletableFuture<@Nullable Grant> waiter = later(driver, attempt(LEASE));
		await("The waiter stands in line").until(() -> nodes().size() == 2);
		String before = nodes().get(1);
		endSession(client);
		await("The waiter stands in line again").until(() -> nodes().size() == 2 && !nodes().get(1).equals(before));
		assertThat(waiter).as("The waiter").isNotDone();
		holder.release(held.hold());
		assertThat(waiter.get(20, TimeUnit.SECONDS)).as("The grant of the waiter").isNotNull();
	}

	@Test
	void manyIdsLeaveNoMoreNodesThanThereAreBuckets() throws Exception {
		ZooKeeperLockDriver driver = driver();
		for (int i = 0; i < 3 * BUCKETS; i++) {
			LockAttempt attempt = new LockAttempt(new LockKey("traps", this.key.objectId() + i), "owner", LEASE,
					Deadline.in(Duration.ZERO));
			driver.acquire(attempt);
			driver.release(attempt.hold());
		}
		assertThat(this.admin.getChildren().forPath(ZooKeeperLockSettings.DEFAULT_ROOT)).as("The buckets")
			.hasSizeLessThanOrEqualTo(BUCKETS);
		assertThat(nodes(driver)).as("The nodes of locks that nobody holds").isZero();
	}

	private int nodes(ZooKeeperLockDriver driver) throws Exception {
		int count = 0;
		for (String bucket : this.admin.getChildren().forPath(ZooKeeperLockSettings.DEFAULT_ROOT)) {
			count += (int) this.admin.getChildren()
				.forPath(ZooKeeperLockSettings.DEFAULT_ROOT + "/" + bucket)
				.stream()
				.filter((name) -> name.startsWith("traps~" + this.key.objectId()))
				.count();
		}
		return count;
	}

	@Test
	void aCounterThatHasComeFarStartsAnewWhenTheBucketIsEmpty() throws Exception {
		CuratorFramework client = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);
		ZooKeeperLockSettings settings = new ZooKeeperLockSettings("/traps-" + this.key.objectId(),
				Duration.ofSeconds(5), false);
		ZooKeeperLockDriver driver = new ZooKeeperLockDriver(client, settings, 3, 6, client::close, LockThreads::named);
		this.clients.add(driver);
		long token = 0;
		for (int i = 0; i < 20; i++) {
			LockAttempt attempt = attempt(Duration.ZERO);
			Grant grant = driver.acquire(attempt);
			assertThat(grant).as("The grant of hold %s", i).isNotNull();
			assertThat(grant.token()).as("Its token").isGreaterThan(token);
			token = grant.token();
			driver.release(attempt.hold());
		}
		LockAttempt held = attempt(Duration.ZERO);
		driver.acquire(held);
		assertThatExceptionOfType(LockStoreException.class).as("A try beyond the end of the counter").isThrownBy(() -> {
			for (int i = 0; i < 10; i++) {
				assertThat(driver.acquire(attempt(Duration.ZERO))).as("A try for what another holds").isNull();
			}
		}).withMessageContaining("counter");
		driver.release(held.hold());
		assertThat(driver.acquire(attempt(Duration.ZERO))).as("The grant when the bucket was empty").isNotNull();
	}

	@Test
	void nodesOfOthersInABucketAreLeftAlone() throws Exception {
		ZooKeeperLockDriver driver = driver();
		LockAttempt first = attempt(Duration.ZERO);
		driver.acquire(first);
		driver.release(first.hold());
		String stranger = TestClients.bucket(this.key) + "/" + this.key.name();
		this.admin.create().withMode(CreateMode.EPHEMERAL).forPath(stranger);
		LockAttempt attempt = attempt(Duration.ZERO);
		assertThat(driver.acquire(attempt)).as("The grant beside a node of others").isNotNull();
		driver.release(attempt.hold());
		assertThat(this.admin.checkExists().forPath(stranger)).as("The node of others").isNotNull();
	}

	@Test
	void aMissingRootIsMadeAgain() throws Exception {
		CuratorFramework client = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);
		ZooKeeperLockSettings settings = new ZooKeeperLockSettings("/a/b-" + this.key.objectId(), Duration.ofSeconds(5),
				false);
		ZooKeeperLockDriver driver = ZooKeeperLockDriver.owning(client, settings);
		this.clients.add(driver);
		for (int i = 0; i < 2; i++) {
			LockAttempt attempt = attempt(Duration.ZERO);
			assertThat(driver.acquire(attempt)).as("The grant below a missing root").isNotNull();
			driver.release(attempt.hold());
			this.admin.delete().deletingChildrenIfNeeded().forPath(settings.root());
		}
	}

	@Test
	void aClientOfTheUsersOwnKeepsItsNamespaceAndStaysOpen() throws Exception {
		CuratorFramework client = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);
		this.clients.add(client);
		ZooKeeperLockDriver driver = new ZooKeeperLockDriver(client.usingNamespace("of-" + this.key.objectId()),
				ZooKeeperLockSettings.defaults());
		driver.acquire(attempt(Duration.ZERO));
		String root = "/of-" + this.key.objectId() + ZooKeeperLockSettings.DEFAULT_ROOT;
		String bucket = root + "/" + client.getChildren().forPath(root).get(0);
		assertThat(client.getChildren().forPath(bucket)).as("The nodes while the lock is held").hasSize(1);
		driver.close();
		assertThat(client.getChildren().forPath(bucket)).as("The nodes after the driver was closed").isEmpty();
	}

	/**
	 * Ends a session as the server would.
	 */
	static void endSession(CuratorFramework client) throws Exception {
		client.getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
	}

	private CompletableFuture<@Nullable Grant> later(ZooKeeperLockDriver driver, LockAttempt attempt) {
		CompletableFuture<@Nullable Grant> result = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				result.complete(driver.acquire(attempt));
			}
			catch (InterruptedException | RuntimeException ex) {
				result.completeExceptionally(ex);
			}
		}, "waiter");
		thread.setDaemon(true);
		thread.start();
		return result;
	}

	private List<String> nodes() throws Exception {
		return TestClients.nodes(this.admin, this.key);
	}

	private ZooKeeperLockDriver driver() {
		ZooKeeperLockDriver driver = TestClients.driver(this.server.connectString(), TestClients.LONG_SESSION);
		this.clients.add(driver);
		return driver;
	}

	private LockAttempt attempt(Duration wait) {
		return new LockAttempt(this.key, UUID.randomUUID().toString(), LEASE, Deadline.in(wait));
	}

	private static ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(PATIENCE);
	}

}
