package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.curator.framework.CuratorFramework;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.dragonflow.lock.zookeeper.TestClients;
import org.dragonflow.lock.zookeeper.ZooKeeperLockDriver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What holders and waiters see while a single ZooKeeper stops, hangs or forgets, or while
 * its replies are lost.
 */
class ZooKeeperFaultTests extends ZooKeeperFaultBase {

	private static final ZooKeeperServer server = ZooKeeperServer.start();

	private final String id = UUID.randomUUID().toString();

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@AfterEach
	void resume() {
		server.resume();
	}

	@Test
	void aHoldAndAWaiterOutliveARestart() throws Exception {
		Instance holder = instance(LONG_LEASE);
		LockHandle hold = holder.acquire(this.id);
		CompletableFuture<LockHandle> waiter = waitingFor(instance(LONG_LEASE), this.id);
		server.kill();
		awaitLater(Duration.ofSeconds(1), "everybody notices");
		server.restart();
		assertThat(hold.isHeld()).as("whether the hold outlives the restart").isTrue();
		assertThat(waiter).as("the waiter").isNotDone();
		hold.close();
		assertServedAfter(hold, waiter);
		assertThat(holder.events()).as("losses").isEmpty();
		assertNothingIsLeft();
	}

	@Test
	void aHolderIsToldOfAServerThatHangsBeforeItsSessionCanHaveEnded() throws Exception {
		LockHandle hold = instance(SHORT_LEASE).acquire(this.id);
		AtomicLong told = lossOf(hold);
		CompletableFuture<LockHandle> waiter = waitingFor(instance(LONG_LEASE), this.id);
		long paused = System.nanoTime();
		server.pause();
		await("the loss is told").until(() -> told.get() != 0);
		assertThat(Duration.ofNanos(told.get() - paused)).as("when it is told")
			.isLessThan(SHORT_LEASE.minus(SHORT_LEASE.dividedBy(5)));
		assertThat(waiter).as("the waiter").isNotDone();
		awaitLater(SHORT_LEASE, "the session may end");
		server.resume();
		assertServedAfter(hold, waiter);
		assertThatExceptionOfType(LockLostException.class).as("closing a lost hold").isThrownBy(hold::close);
		assertNothingIsLeft();
	}

	@Test
	void aServerThatIsDownForLongerThanASessionLeavesNothingAndServesAgain() throws Exception {
		Instance holder = instance(SHORT_LEASE);
		LockHandle hold = holder.acquire(this.id);
		AtomicLong told = lossOf(hold);
		server.stop();
		await("the loss is told").until(() -> told.get() != 0);
		awaitLater(SHORT_LEASE, "the session's time is over");
		server.restart();
		assertServedAfter(hold, instance(LONG_LEASE).acquireLater(LockRequest.of(this.id)));
		assertThat(holder.acquireLater(LockRequest.of(this.id))).as("the first client's next hold")
			.succeedsWithin(PATIENCE)
			.satisfies(LockHandle::close);
		assertNothingIsLeft();
	}

	@Test
	void callsFailInTimeWhileTheServerHangsAndLeaveNothing() throws Exception {
		Instance instance = instance(LONG_LEASE);
		LockHandle hold = instance.acquire(this.id);
		server.pause();
		String other = this.id + "-other";
		long start = System.nanoTime();
		assertThat(instance.acquireLater(LockRequest.of(other).withWait(Duration.ZERO))).as("a try to lock")
			.failsWithin(PATIENCE)
			.withThrowableThat()
			.withCauseInstanceOf(LockStoreException.class);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("the time that a try takes")
			.isLessThan(TIMEOUT.multipliedBy(4));
		CompletableFuture<?> release = instance.later(Executors.callable(hold::close));
		assertThat(release).as("a release")
			.failsWithin(PATIENCE)
			.withThrowableThat()
			.withCauseInstanceOf(LockStoreException.class);
		server.resume();
		assertNothingIsLeft();
		assertNothingIsLeft(server.connectString(), other);
	}

	@Test
	void aNodeWhoseCreationWasNotConfirmedIsFoundByItsOwnerAndUsed() throws Exception {
		try (TcpProxy proxy = new TcpProxy(server.port());
				CuratorFramework admin = TestClients.connect(server.connectString(), TestClients.LONG_SESSION)) {
			Instance instance = through(proxy, Duration.ofSeconds(6));
			proxy.loseReplies();
			CompletableFuture<LockHandle> acquired = instance.acquireLater(LockRequest.of(this.id));
			await("the node is there").until(() -> TestClients.nodes(admin, key(this.id)).size() == 1);
			String node = TestClients.nodes(admin, key(this.id)).get(0);
			assertThat(acquired).as("an attempt without a reply").isNotDone();
			proxy.heal();
			assertThat(acquired).as("the attempt after the network has healed").succeedsWithin(PATIENCE);
			assertThat(TestClients.nodes(admin, key(this.id))).as("the nodes").containsExactly(node);
			acquired.get().close();
			assertNothingIsLeft();
		}
	}

	@Test
	void aNodeThatASessionOfBeforeHasLeftIsNotInTheWay() throws Exception {
		try (TcpProxy proxy = new TcpProxy(server.port());
				CuratorFramework admin = TestClients.connect(server.connectString(), TestClients.LONG_SESSION)) {
			Instance instance = through(proxy, Duration.ofSeconds(6));
			long before = instance.client().getZookeeperClient().getZooKeeper().getSessionId();
			proxy.loseReplies();
			CompletableFuture<LockHandle> acquired = instance.acquireLater(LockRequest.of(this.id));
			await("the node is there").until(() -> TestClients.nodes(admin, key(this.id)).size() == 1);
			// The client gives its session up, of which the server does not know.
			instance.client().getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
			awaitLater(Duration.ofMillis(200), "the next session is on its way");
			proxy.heal();
			assertThat(acquired).as("the attempt in the next session").succeedsWithin(PATIENCE);
			List<String> nodes = TestClients.nodes(admin, key(this.id));
			assertThat(nodes).as("the nodes").hasSize(1);
			assertThat(admin.checkExists().forPath(nodes.get(0)).getEphemeralOwner()).as("whose the node is")
				.isNotEqualTo(before);
			acquired.get().close();
			assertNothingIsLeft();
		}
	}

	@Test
	void anAttemptThatFailsForALostReplyIsUndone() throws Exception {
		try (TcpProxy proxy = new TcpProxy(server.port());
				CuratorFramework admin = TestClients.connect(server.connectString(), TestClients.LONG_SESSION)) {
			Instance instance = through(proxy, LONG_LEASE, TIMEOUT);
			proxy.loseReplies();
			CompletableFuture<LockHandle> acquired = instance
				.acquireLater(LockRequest.of(this.id).withWait(Duration.ZERO));
			await("the node is there").until(() -> TestClients.nodes(admin, key(this.id)).size() == 1);
			assertThat(acquired).as("an attempt without a reply")
				.failsWithin(PATIENCE)
				.withThrowableThat()
				.withCauseInstanceOf(LockStoreException.class);
			proxy.heal();
			proxy.cut();
			assertNothingIsLeft();
		}
	}

	@Test
	void createAndReadAreSentTogether() throws Exception {
		try (TcpProxy proxy = new TcpProxy(server.port())) {
			Instance instance = through(proxy, LONG_LEASE);
			proxy.loseReplies();
			long before = received();
			CompletableFuture<LockHandle> acquired = instance.acquireLater(LockRequest.of(this.id));
			// One for asking; the session's own requests wait for their replies.
			await("both requests arrive, and neither has a reply").until(() -> received() - before >= 3);
			assertThat(acquired).as("an attempt without a reply").isNotDone();
			proxy.heal();
			proxy.cut();
			assertThat(acquired).as("the attempt after the network has healed")
				.succeedsWithin(PATIENCE)
				.satisfies(LockHandle::close);
		}
	}

	@Test
	void theTimeCountsFromWhenARequestWasSent() throws Exception {
		Duration delay = Duration.ofMillis(500);
		try (TcpProxy proxy = new TcpProxy(server.port());
				ZooKeeperLockDriver driver = TestClients.driver("127.0.0.1:" + proxy.port(), SHORT_LEASE)) {
			LockAttempt attempt = new LockAttempt(key(this.id), "owner", LONG_LEASE, Deadline.in(Duration.ZERO));
			assertThat(driver.acquire(attempt)).as("the grant").isNotNull();
			// The first one alone sends requests, which would hold up the session's own.
			driver.renew(Set.of(attempt.hold()), LONG_LEASE);
			proxy.delayReplies(delay);
			awaitLater(delay.multipliedBy(3), "no reply of before counts any more");
			Duration longest = Duration.ZERO;
			Deadline end = Deadline.in(SHORT_LEASE);
			while (!end.hasPassed()) {
				Duration left = driver.renew(Set.of(attempt.hold()), LONG_LEASE)
					.renewed()
					.values()
					.iterator()
					.next()
					.remaining();
				longest = (left.compareTo(longest) > 0) ? left : longest;
				Thread.sleep(5);
			}
			assertThat(longest).as("what a holder may rely on, where each reply takes %s", delay)
				.isGreaterThan(SHORT_LEASE.dividedBy(4))
				.isLessThan(SHORT_LEASE.multipliedBy(65).dividedBy(100).minus(delay));
			proxy.delayReplies(Duration.ZERO);
		}
	}

	@Test
	void aTryIsAnsweredAtOnce() throws Exception {
		LockHandle hold = instance(LONG_LEASE).acquire(this.id);
		Instance other = instance(LONG_LEASE);
		assertRefused(other);
		long start = System.nanoTime();
		for (int i = 0; i < 10; i++) {
			assertRefused(other);
		}
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("the time of ten tries")
			.isLessThan(Duration.ofSeconds(5));
		hold.close();
		assertNothingIsLeft();
	}

	@Test
	void aSessionThatIsShorterThanTheLeaseKeepsAHoldAllTheSame() throws Exception {
		Instance holder = instance(SHORT_LEASE);
		LockHandle hold = holder.lock().acquire(LockRequest.of(this.id).withLease(SHORT_LEASE.multipliedBy(3)));
		assertThat(hold.remaining()).as("what the hold may rely on").isLessThan(SHORT_LEASE);
		awaitLater(SHORT_LEASE.multipliedBy(2), "two sessions' time goes by");
		assertThat(hold.isHeld()).as("whether the hold is kept").isTrue();
		assertThat(holder.events()).as("losses").isEmpty();
		hold.close();
	}

	private void assertRefused(Instance other) {
		assertThatExceptionOfType(LockUnavailableException.class).as("a try for what another holds")
			.isThrownBy(() -> other.lock().lock(this.id, false));
	}

	private Instance instance(Duration lease) {
		return instance(server.connectString(), lease);
	}

	private Instance through(TcpProxy proxy, Duration lease) throws InterruptedException {
		return through(proxy, lease, PATIENCE.dividedBy(2));
	}

	private Instance through(TcpProxy proxy, Duration lease, Duration timeout) throws InterruptedException {
		Instance instance = instance("127.0.0.1:" + proxy.port(), lease, timeout);
		// The session stands, and the bucket is there, before the fault begins.
		instance.acquire(this.id).close();
		return instance;
	}

	private static long received() {
		return Long.parseLong(String.valueOf(server.statistics().get("zk_packets_received")));
	}

	private void assertNothingIsLeft() {
		assertNothingIsLeft(server.connectString(), this.id);
	}

}
