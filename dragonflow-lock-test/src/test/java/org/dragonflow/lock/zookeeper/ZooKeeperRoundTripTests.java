package org.dragonflow.lock.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.apache.curator.framework.CuratorFramework;
import org.awaitility.Awaitility;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.ZooKeeperServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the driver sends, counted at the server. Sessions are so long that hardly ever a
 * request for their sake comes in between; what is counted is repeated often enough for
 * those not to matter.
 */
class ZooKeeperRoundTripTests {

	private static final Duration LEASE = Duration.ofMinutes(2);

	private static final int CYCLES = 100;

	private static final int HOLDS = 50;

	private static final int WAITERS = 20;

	/**
	 * One request for the session every eight seconds and client, and the library's own.
	 */
	private static final int FOR_THE_SESSION = 9;

	private final ZooKeeperServer server = ZooKeeperServer.shared();

	private final CuratorFramework admin = TestClients.connect(this.server.connectString(), TestClients.LONG_SESSION);

	private final List<ZooKeeperLockDriver> drivers = new ArrayList<>();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	@AfterEach
	void close() {
		this.drivers.forEach(ZooKeeperLockDriver::close);
		this.admin.close();
		this.threads.shutdownNow();
	}

	@Test
	void aFreeAcquireIsTwoRequestsAndAReleaseIsOne() throws Exception {
		ZooKeeperLockDriver driver = driver();
		LockKey key = usedKey(driver);
		long before = requests();
		for (int i = 0; i < CYCLES; i++) {
			Hold hold = take(driver, key, LEASE);
			assertThat(driver.release(hold)).as("The release").isTrue();
		}
		assertThat(requests() - before).as("The requests of %s cycles", CYCLES)
			.isBetween(3L * CYCLES, 3L * CYCLES + FOR_THE_SESSION);
	}

	@Test
	void aRefusedTryIsThreeRequests() throws Exception {
		ZooKeeperLockDriver driver = driver();
		LockKey key = usedKey(driver);
		take(driver, key, LEASE);
		ZooKeeperLockDriver other = driver();
		usedKey(other);
		long before = requests();
		for (int i = 0; i < CYCLES; i++) {
			assertThat(other.acquire(attempt(key, LEASE, Duration.ZERO))).as("A try for what another holds").isNull();
		}
		assertThat(requests() - before).as("The requests of %s tries", CYCLES)
			.isBetween(3L * CYCLES, 3L * CYCLES + FOR_THE_SESSION);
	}

	@Test
	void renewalsLookOnceAndSendNothingAfterwards() throws Exception {
		ZooKeeperLockDriver driver = driver();
		List<Hold> holds = new ArrayList<>();
		for (int i = 0; i < HOLDS; i++) {
			holds.add(take(driver, usedKey(driver), LEASE));
		}
		long before = requests();
		driver.renew(holds, LEASE);
		assertThat(requests() - before).as("The requests of the first renewal of %s holds", HOLDS)
			.isBetween((long) HOLDS, (long) HOLDS + FOR_THE_SESSION);
		long afterFirst = requests();
		for (int i = 0; i < CYCLES; i++) {
			assertThat(driver.renew(holds, LEASE).lost()).as("What a renewal finds lost").isEmpty();
		}
		assertThat(requests() - afterFirst).as("The requests of %s renewals of %s holds", CYCLES, HOLDS)
			.isLessThanOrEqualTo(FOR_THE_SESSION);
	}

	@Test
	void aReleaseSendsExactlyOneOfManyWaitersToTheServerInTheOrderInWhichTheyCame() throws Exception {
		ZooKeeperLockDriver holder = driver();
		LockKey key = usedKey(holder);
		Hold hold = take(holder, key, LEASE);
		List<ZooKeeperLockDriver> clients = new ArrayList<>();
		List<LockAttempt> attempts = new ArrayList<>();
		List<CompletableFuture<@Nullable Grant>> waiters = new ArrayList<>();
		for (int i = 0; i < WAITERS; i++) {
			ZooKeeperLockDriver client = driver();
			LockAttempt attempt = attempt(key, LEASE, LEASE);
			clients.add(client);
			attempts.add(attempt);
			waiters.add(CompletableFuture.supplyAsync(() -> acquire(client, attempt), this.threads));
			int expected = i + 2;
			await("The waiter stands in line").until(() -> TestClients.nodes(this.admin, key).size() == expected);
		}
		await("All watch").until(() -> watches() >= WAITERS);
		long before = requests();
		holder.release(hold);
		assertServed(waiters, 0);
		assertThat(requests() - before).as("A release, and what the %s waiters send: a look by the first", WAITERS)
			.isBetween(2L, 2L + FOR_THE_SESSION);
		before = requests();
		for (int i = 1; i < WAITERS; i++) {
			clients.get(i - 1).release(attempts.get(i - 1).hold());
			assertServed(waiters, i);
		}
		assertThat(requests() - before).as("The requests of %s hand-offs", WAITERS - 1)
			.isBetween(2L * (WAITERS - 1), 2L * (WAITERS - 1) + 2 * WAITERS);
	}

	private void assertServed(List<CompletableFuture<@Nullable Grant>> waiters, int served) throws Exception {
		assertThat(waiters.get(served).get(20, TimeUnit.SECONDS)).as("The grant of waiter %s", served).isNotNull();
		for (int later = served + 1; later < WAITERS; later++) {
			assertThat(waiters.get(later)).as("Waiter %s while %s holds", later, served).isNotDone();
		}
	}

	private static @Nullable Grant acquire(ZooKeeperLockDriver client, LockAttempt attempt) {
		try {
			return client.acquire(attempt);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private long watches() throws Exception {
		String summary = this.server.ask("wchs");
		return Long.parseLong(summary.substring(summary.lastIndexOf(':') + 1).strip());
	}

	/**
	 * The requests so far, without those that ask for them.
	 */
	private long requests() {
		return Long.parseLong(String.valueOf(this.server.statistics().get("zk_packets_received"))) - ++this.asked;
	}

	private long asked;

	private ZooKeeperLockDriver driver() {
		ZooKeeperLockDriver driver = TestClients.driver(this.server.connectString(), TestClients.LONG_SESSION);
		this.drivers.add(driver);
		return driver;
	}

	/**
	 * A key in a bucket that is there already, of a client that is connected.
	 */
	private static LockKey usedKey(ZooKeeperLockDriver driver) throws Exception {
		LockKey key = new LockKey("round-trips", UUID.randomUUID().toString());
		driver.release(take(driver, key, LEASE));
		return key;
	}

	private static Hold take(ZooKeeperLockDriver driver, LockKey key, Duration lease) throws Exception {
		LockAttempt attempt = attempt(key, lease, Duration.ZERO);
		assertThat(driver.acquire(attempt)).as("The grant of a free lock").isNotNull();
		return attempt.hold();
	}

	private static LockAttempt attempt(LockKey key, Duration lease, Duration wait) {
		return new LockAttempt(key, UUID.randomUUID().toString(), lease, Deadline.in(wait));
	}

	private static org.awaitility.core.ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(Duration.ofSeconds(20));
	}

}
