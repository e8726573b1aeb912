package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What each operation asks of the server, as the server counts it.
 */
class EtcdRoundTripTests extends EtcdTestBase {

	private static EtcdServer server;

	private TestEtcd etcd;

	private EtcdLockDriver driver;

	private Map<String, Long> before = new TreeMap<>();

	@BeforeAll
	static void start() {
		server = EtcdServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void warmUp() throws Exception {
		this.etcd = closing(TestEtcd.of(server));
		this.driver = closing(this.etcd.driver());
		// The session, and the watch.
		LockAttempt first = attempt(newKey());
		take(this.driver, first);
		this.driver.release(first.hold());
		await("the watch stands").until(() -> this.driver.acquire(waiting(first.key())) != null);
		sent();
	}

	@Test
	void aFreeAcquireIsOneTransactionARefusedTryTwoAndAReleaseOne() throws Exception {
		LockAttempt attempt = attempt(this.key);
		take(this.driver, attempt);
		assertThat(sent()).as("What a free acquire sends").containsOnly(Map.entry("Txn", 1L));
		assertThat(this.driver.acquire(attempt(this.key))).isNull();
		assertThat(sent()).as("What a refused try sends").containsOnly(Map.entry("Txn", 2L));
		assertThat(this.driver.release(attempt.hold())).isTrue();
		assertThat(sent()).as("What a release sends").containsOnly(Map.entry("Txn", 1L));
	}

	@Test
	void manyLocksAreTakenAndReleasedByOneTransactionEach() {
		List<LockAttempt> attempts = new ArrayList<>();
		for (int i = 0; i < LockQueue.CHUNK; i++) {
			attempts.add(attempt(newKey()));
		}
		assertThat(this.driver.acquireFree(attempts)).as("The grants of free locks").doesNotContainNull();
		assertThat(sent()).as("What taking 60 locks sends").containsOnly(Map.entry("Txn", 1L));
		List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
		assertThat(this.driver.releaseAll(holds)).as("What is released").hasSameElementsAs(holds);
		assertThat(sent()).as("What releasing 60 locks sends").containsOnly(Map.entry("Txn", 1L));
	}

	@Test
	void ofManyLocksThoseThatOthersHoldAreLeftAlone() throws Exception {
		LockDriver other = closing(this.etcd.driver());
		LockAttempt held = attempt(this.key);
		take(other, held);
		LockAttempt free = attempt(newKey());
		LockAttempt refused = attempt(this.key);
		sent();
		assertThat(this.driver.acquireFree(List.of(refused, free))).as("The grants, in order")
			.satisfiesExactly((grant) -> assertThat(grant).isNull(), (grant) -> assertThat(grant).isNotNull());
		assertThat(sent()).as("What that sends").containsOnly(Map.entry("Txn", 2L));
		assertThat(this.etcd.line(this.key)).as("The line of the lock that another holds").hasSize(1);
		assertThat(this.driver.releaseAll(List.of(refused.hold(), free.hold()))).as("What is released")
			.containsExactly(free.hold());
	}

	@Test
	void aThousandHoldsAreRenewedByOneKeepAlive() {
		List<LockAttempt> attempts = IntStream.range(0, 1000).mapToObj((i) -> attempt(newKey())).toList();
		assertThat(this.driver.acquireFree(attempts)).as("The grants of free locks").doesNotContainNull();
		List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
		sent();
		assertThat(this.driver.renew(holds, LONG).lost()).isEmpty();
		// A stream counts when it has ended, which may be just after the answer.
		Map<String, Long> all = new TreeMap<>();
		await("the server has counted").until(() -> {
			sent().forEach((method, count) -> all.merge(method, count, Long::sum));
			return all.containsKey("LeaseKeepAlive");
		});
		assertThat(all).as("What renewing 1000 holds sends").containsOnly(Map.entry("LeaseKeepAlive", 1L));
	}

	@Test
	void aWaiterAsksNothingWhileItWaits() throws Exception {
		LockAttempt held = attempt(this.key);
		take(closing(this.etcd.driver()), held);
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, this.driver, waiting(this.key));
		sent();
		awaitLater(Duration.ofSeconds(3), "the waiter waits");
		assertThat(sent()).as("What a waiter sends while it waits").isEmpty();
		assertThat(waiter).as("The waiter").isNotDone();
	}

	@Test
	void theFirstWaiterOfAClientReadsTheLineAgainOnceTheWatchStands() throws Exception {
		LockAttempt held = attempt(this.key);
		take(this.driver, held);
		EtcdLockDriver fresh = closing(this.etcd.driver());
		sent();
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, fresh, waiting(this.key));
		awaitLater(Duration.ofSeconds(1), "the waiter waits");
		assertThat(sent()).as("The session, the place in line, and the read after the watch stands")
			.containsOnly(Map.entry("LeaseGrant", 1L), Map.entry("Txn", 2L));
		assertThat(waiter).as("The waiter").isNotDone();
	}

	@Test
	void aReleaseSendsExactlyOneOfTwentyWaitingClientsToTheStore() throws Exception {
		LockAttempt held = attempt(this.key);
		take(this.driver, held);
		List<CompletableFuture<Grant>> waiters = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			waiters.add(startWaiting(this.etcd, closing(this.etcd.driver()), waiting(this.key)));
		}
		awaitLater(Duration.ofSeconds(1), "all of them stand and wait");
		long watches = server.started("Watch");
		sent();
		this.driver.release(held.hold());
		await("the first is served").until(waiters.get(0)::isDone);
		awaitLater(Duration.ofSeconds(1), "nobody else comes");
		assertThat(sent()).as("The release, and the one look of the first waiter").containsOnly(Map.entry("Txn", 2L));
		assertThat(server.started("Watch")).as("The watches, none of which was begun for that").isEqualTo(watches);
		assertThat(waiters.stream().filter(CompletableFuture::isDone)).as("The waiters that were served").hasSize(1);
	}

	private Map<String, Long> sent() {
		Map<String, Long> now = new TreeMap<>();
		for (String method : List.of("Txn", "Put", "DeleteRange", "LeaseGrant", "LeaseRevoke", "LeaseKeepAlive",
				"LeaseTimeToLive")) {
			now.put(method, server.handled(method));
		}
		Map<String, Long> sent = new TreeMap<>();
		now.forEach((method, count) -> {
			if (!count.equals(this.before.getOrDefault(method, 0L))) {
				sent.put(method, count - this.before.getOrDefault(method, 0L));
			}
		});
		this.before = now;
		return sent;
	}

}
