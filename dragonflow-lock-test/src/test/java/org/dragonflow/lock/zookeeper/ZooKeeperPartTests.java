package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockThreads;
import org.dragonflow.lock.spi.PartialAnswerException;
import org.dragonflow.lock.spi.Renewal;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/**
 * Several locks, of which the server refuses one: somebody has taken the rights away.
 */
class ZooKeeperPartTests {

	private static final Duration LEASE = Duration.ofMinutes(2);

	private final ZooKeeperServer server = ZooKeeperServer.shared();

	private final CuratorFramework admin = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);

	private final ZooKeeperLockDriver driver = TestClients.driver(this.server.connectString(),
			TestClients.LONG_SESSION);

	private final List<LockAttempt> attempts = attempts();

	private final Set<Hold> all = this.attempts.stream().map(LockAttempt::hold).collect(Collectors.toSet());

	private final Hold broken = this.attempts.get(3).hold();

	private final Set<Hold> others = new HashSet<>(this.all);

	@Test
	void whatIsForbiddenForOneLockSaysNothingOfTheOthers() throws Exception {
		this.others.remove(this.broken);
		assertThat(this.driver.acquireFree(this.attempts)).as("the grants").doesNotContainNull();
		String node = TestClients.nodes(this.admin, this.broken.key()).get(0);
		allow(node, Perms.ADMIN);
		Renewal renewal = this.driver.renew(this.all, LEASE);
		assertThat(renewal.renewed()).as("what is renewed").containsOnlyKeys(this.others);
		assertThat(renewal.lost()).as("what is lost").isEmpty();
		assertRefused(renewal.unknown());
		allow(node, Perms.ALL);
		assertThat(this.driver.renew(this.all, LEASE).renewed()).as("what is renewed then").containsOnlyKeys(this.all);
		String bucket = TestClients.bucket(this.broken.key());
		allow(bucket, Perms.READ | Perms.ADMIN);
		PartialAnswerException release = catchThrowableOfType(PartialAnswerException.class,
				() -> this.driver.releaseAll(this.all));
		assertThat(release.released()).as("what is released").isEqualTo(this.others);
		assertRefused(release.unknown());
		allow(bucket, Perms.ALL);
		assertThat(this.driver.releaseAll(this.all)).as("what is left, if it has not been tidied up already")
			.isSubsetOf(this.broken);
		allow(bucket, Perms.READ | Perms.ADMIN);
		PartialAnswerException acquire = catchThrowableOfType(PartialAnswerException.class,
				() -> this.driver.acquireFree(this.attempts));
		assertThat(acquire.grants()).as("the grants").containsOnlyOnce((Grant) null);
		assertThat(acquire.grants().get(3)).as("the grant of what is refused").isNull();
		assertRefused(acquire.unknown());
		allow(bucket, Perms.ALL);
	}

	@Test
	void whatIsAskedForAndThenBrokenDuringTheFirstRenewalIsLost() throws Exception {
		ZooKeeperLockDriver other = TestClients.driver(this.server.connectString(), TestClients.LONG_SESSION);
		for (int round = 0; round < 3; round++) {
			List<LockAttempt> many = Stream.generate(ZooKeeperPartTests::attempt).limit(200).toList();
			Set<Hold> holds = many.stream().map(LockAttempt::hold).collect(Collectors.toSet());
			this.driver.acquireFree(many);
			// The looks of the first renewal set the watches, and these requests use them
			// up at once.
			CompletableFuture<Renewal> first = CompletableFuture.supplyAsync(() -> this.driver.renew(holds, LEASE));
			holds.forEach(other::requestRevocation);
			first.join();
			holds.forEach(other::breakHold);
			await().untilAsserted(() -> assertThat(this.driver.renew(holds, LEASE).lost()).as("what is lost")
				.containsExactlyInAnyOrderElementsOf(holds));
		}
	}

	@Test
	void theEndOfASessionIsALossOfWhatWasGrantedAndNotOfAPlaceInALine() {
		OwnNodes nodes = new OwnNodes((node) -> true, LockThreads.named("test"));
		try {
			List<Hold> lost = new ArrayList<>();
			nodes.onLoss(lost::add);
			Stat stat = new Stat();
			stat.setEphemeralOwner(7);
			List<OwnNode> entered = new ArrayList<>();
			for (Hold hold : this.all) {
				// As after an attempt whose outcome is unknown.
				OwnNode node = nodes.enter(hold);
				node.adopt(new Requests.Node("/" + hold.key().name(), stat, new byte[0]));
				if (hold.equals(this.broken)) {
					node.grant(Deadline.in(LEASE));
				}
				entered.add(node);
				nodes.leave(node);
			}
			nodes.sessionEnded(7);
			assertThat(lost).as("what is told lost").containsExactly(this.broken);
			assertThat(entered).as("what is to be deleted").allMatch(OwnNode::hasEnded);
		}
		finally {
			nodes.close();
		}
	}

	private void assertRefused(Map<Hold, LockStoreException> unknown) {
		assertThat(unknown).as("what is unknown").containsOnlyKeys(this.broken);
		assertThat(unknown.get(this.broken)).as("why")
			.hasMessageContainingAll(this.broken.key().objectId(), "not allowed to touch")
			.matches(LockStoreException::isRefused, "is a refusal");
	}

	private void allow(String path, int permissions) throws Exception {
		this.admin.setACL().withACL(List.of(new ACL(permissions, Ids.ANYONE_ID_UNSAFE))).forPath(path);
	}

	/**
	 * Attempts at locks in a bucket each.
	 */
	private static LockAttempt attempt() {
		return new LockAttempt(new LockKey("parts", UUID.randomUUID().toString()), UUID.randomUUID().toString(), LEASE,
				Deadline.in(Duration.ZERO));
	}

	private static List<LockAttempt> attempts() {
		Map<String, LockAttempt> byBucket = new HashMap<>();
		while (byBucket.size() < 6) {
			LockAttempt attempt = attempt();
			byBucket.put(TestClients.bucket(attempt.key()), attempt);
		}
		return List.copyOf(byBucket.values());
	}

	@AfterEach
	void close() {
		this.driver.close();
		this.admin.close();
	}

}
