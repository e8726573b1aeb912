package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.apache.curator.framework.CuratorFramework;
import org.awaitility.Awaitility;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.faults.TcpProxy;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many locks at once: what is sent together, and what becomes of it when an answer is
 * lost.
 */
class ZooKeeperManyIdsTests {

	private static final Duration LEASE = Duration.ofMinutes(2);

	private static final int IDS = 200;

	/**
	 * What a client sends for its session meanwhile.
	 */
	private static final int FOR_THE_SESSION = 9;

	private final ZooKeeperServer server = ZooKeeperServer.shared();

	private final CuratorFramework admin = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);

	private final String root = "/many-" + UUID.randomUUID();

	private final List<AutoCloseable> closeables = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		this.admin.close();
	}

	@Test
	void manyLocksAreTwoRequestsEachAtMostAndOneToReleaseThem() throws Exception {
		ZooKeeperLockDriver driver = driver(this.server.connectString(), Duration.ofSeconds(10));
		List<LockAttempt> attempts = attempts(IDS);
		// In buckets that are there already.
		assertThat(driver.acquireFree(attempts)).as("The grants in a new root").doesNotContainNull();
		assertThat(driver.releaseAll(holds(attempts))).as("What is released").containsAll(holds(attempts));
		List<LockAttempt> again = attempts.stream().map(ZooKeeperManyIdsTests::again).toList();
		long before = requests();
		assertThat(driver.acquireFree(again)).as("The grants").doesNotContainNull();
		assertThat(requests() - before).as("The requests for %s locks", IDS)
			.isBetween((long) IDS, 2L * IDS + FOR_THE_SESSION);
		before = requests();
		assertThat(driver.releaseAll(holds(again))).as("What is released").containsAll(holds(again));
		assertThat(requests() - before).as("The requests for their release")
			.isBetween((long) IDS, (long) IDS + FOR_THE_SESSION);
		assertThat(nodes()).as("The nodes that are left").isZero();
	}

	@Test
	void nothingWaitsForAnAnswerBeforeAllIsSent() throws Exception {
		try (TcpProxy proxy = new TcpProxy(this.server.port())) {
			ZooKeeperLockDriver driver = driver("127.0.0.1:" + proxy.port(), Duration.ofSeconds(60));
			List<LockAttempt> attempts = attempts(IDS);
			driver.acquireFree(attempts);
			driver.releaseAll(holds(attempts));
			List<LockAttempt> again = attempts.stream().map(ZooKeeperManyIdsTests::again).toList();
			proxy.loseReplies();
			CompletableFuture<?> taken = later(() -> driver.acquireFree(again));
			await("All nodes are there, and no answer has come").until(() -> nodes() == IDS);
			assertThat(taken).as("The attempts without an answer").isNotDone();
			proxy.heal();
			proxy.cut();
			assertThat(taken).as("The attempts whose outcome is unknown")
				.failsWithin(Duration.ofSeconds(20))
				.withThrowableThat()
				.withCauseInstanceOf(LockStoreException.class);
			assertThat(driver.acquireFree(again)).as("The same attempts again").doesNotContainNull();
			assertThat(nodes()).as("The nodes, of which each is used").isEqualTo(IDS);
			proxy.loseReplies();
			CompletableFuture<?> released = later(() -> driver.releaseAll(holds(again)));
			await("All nodes are gone, and no answer has come").until(() -> nodes() == 0);
			assertThat(released).as("The release without an answer").isNotDone();
			proxy.heal();
			proxy.cut();
			assertThat(released).as("The release whose outcome is unknown").failsWithin(Duration.ofSeconds(20));
		}
	}

	@Test
	void attemptsThatNobodyRepeatsLeaveNothingAfterTheirLease() throws Exception {
		try (TcpProxy proxy = new TcpProxy(this.server.port())) {
			ZooKeeperLockDriver driver = driver("127.0.0.1:" + proxy.port(), Duration.ofSeconds(60));
			LockAttempt first = attempts(1).get(0);
			driver.acquireFree(List.of(first));
			driver.releaseAll(List.of(first.hold()));
			List<LockAttempt> attempts = IntStream.range(0, 5)
				.mapToObj((i) -> new LockAttempt(new LockKey("many", first.key().objectId() + i), "owner" + i,
						Duration.ofSeconds(2), Deadline.in(Duration.ZERO)))
				.toList();
			assertThat(driver.acquireFree(attempts)).as("The grants in buckets that were missing").doesNotContainNull();
			driver.releaseAll(holds(attempts));
			proxy.loseReplies();
			CompletableFuture<?> taken = later(() -> driver.acquireFree(attempts));
			await("All nodes are there").until(() -> nodes() == attempts.size());
			proxy.heal();
			proxy.cut();
			assertThat(taken).as("The attempts whose outcome is unknown").failsWithin(Duration.ofSeconds(20));
			await("Nothing is left when the lease has ended").until(() -> nodes() == 0);
		}
	}

	@Test
	void whatOthersHoldIsRefusedAndNotWaitedFor() throws Exception {
		ZooKeeperLockDriver driver = driver(this.server.connectString(), Duration.ofSeconds(10));
		ZooKeeperLockDriver other = driver(this.server.connectString(), Duration.ofSeconds(10));
		List<LockAttempt> attempts = attempts(20);
		List<LockAttempt> held = List.of(again(attempts.get(3)), again(attempts.get(11)));
		assertThat(other.acquireFree(held)).as("The other's grants").doesNotContainNull();
		List<?> grants = driver.acquireFree(attempts);
		for (int i = 0; i < grants.size(); i++) {
			assertThat(grants.get(i) == null).as("Whether attempt %s is refused", i).isEqualTo(i == 3 || i == 11);
		}
		assertThat(nodes()).as("The nodes, one a lock").isEqualTo(20);
		assertThat(driver.releaseAll(holds(attempts))).as("What is released").hasSize(18);
		assertThat(other.releaseAll(holds(held))).as("What the other releases").hasSize(2);
	}

	private int nodes() throws Exception {
		return this.admin.getZookeeperClient().getZooKeeper().getAllChildrenNumber(this.root)
				- this.admin.getChildren().forPath(this.root).size();
	}

	private long requests() {
		return Long.parseLong(String.valueOf(this.server.statistics().get("zk_packets_received"))) - ++this.asked;
	}

	private long asked;

	private ZooKeeperLockDriver driver(String connectString, Duration timeout) {
		ZooKeeperLockDriver driver = ZooKeeperLockDriver.owning(
				TestClients.connect(connectString, TestClients.LONG_SESSION),
				new ZooKeeperLockSettings(this.root, timeout, false));
		this.closeables.add(driver);
		return driver;
	}

	private static List<LockAttempt> attempts(int count) {
		String id = UUID.randomUUID().toString();
		return IntStream.range(0, count)
			.mapToObj((i) -> new LockAttempt(new LockKey("many", id + i), UUID.randomUUID().toString(), LEASE,
					Deadline.in(Duration.ZERO)))
			.toList();
	}

	/**
	 * An attempt at the same lock, by another owner.
	 */
	private static LockAttempt again(LockAttempt attempt) {
		return new LockAttempt(attempt.key(), UUID.randomUUID().toString(), LEASE, Deadline.in(Duration.ZERO));
	}

	private static List<Hold> holds(List<LockAttempt> attempts) {
		return attempts.stream().map(LockAttempt::hold).toList();
	}

	private static CompletableFuture<@Nullable Object> later(Callable<?> call) {
		CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				result.complete(call.call());
			}
			catch (Exception ex) {
				result.completeExceptionally(ex);
			}
		}, "many-ids");
		thread.setDaemon(true);
		thread.start();
		return result;
	}

	private static org.awaitility.core.ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(Duration.ofSeconds(20));
	}

}
