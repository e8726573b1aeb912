package org.dragonflow.lock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.test.servers.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a lock goes from its holder to its first waiter.
 */
class RedisHandOffTests extends RedisTest {

	private static final RedisServer SERVER = RedisServer.start();

	private final RedisServer server = SERVER;

	private final LockDriver holder = driver();

	@Test
	void waitersAreServedInTheOrderOfTheirArrivalOverAllClients() throws Exception {
		Hold hold = take(this.holder, this.key);
		List<LockAttempt> attempts = new ArrayList<>();
		List<LockDriver> drivers = new ArrayList<>();
		List<CompletableFuture<@Nullable Grant>> waiters = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			LockAttempt attempt = waiting();
			drivers.add(driver());
			waiters.add(queue(this.server, drivers.get(i), attempt));
			attempts.add(attempt);
		}
		this.holder.release(hold);
		for (int i = 0; i < 5; i++) {
			assertServed("waiter " + i, waiters.get(i));
			for (int later = i + 1; later < 5; later++) {
				assertThat(waiters.get(later)).as("a later waiter").isNotDone();
			}
			drivers.get(i).release(attempts.get(i).hold());
		}
	}

	@Test
	void aReleaseIsTheGrantAndTheWaiterAsksForNothingMore() throws Exception {
		Hold hold = take(this.holder, this.key);
		LockAttempt attempt = waiting();
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, driver(), attempt);
		CommandCount sent = new CommandCount(this.server);
		this.holder.release(hold);
		assertServed("the waiter", waiter);
		assertThat(sent.scripts()).as("scripts that a hand-off takes").isEqualTo(1);
		assertThat(this.server.cli("HGET", lock(this.key), "owner")).as("the holder after the release")
			.isEqualTo(attempt.owner());
		assertThat(this.server.cli("EXISTS", lock(this.key) + ":queue", lock(this.key) + ":waiters"))
			.as("what is left of the queue")
			.isEqualTo("0");
	}

	@Test
	void aClientThatIsGoneIsPassedOver() throws Exception {
		Hold hold = take(this.holder, this.key);
		LockAttempt first = waiting();
		CompletableFuture<@Nullable Grant> dead = queue(this.server,
				this.clients.mortalDriver(RedisClients.at(this.server.port())), first);
		LockAttempt second = waiting();
		CompletableFuture<@Nullable Grant> next = queue(this.server, driver(), second);
		// So the server sees the death of a process.
		this.server.cli("CLIENT", "KILL", "TYPE", "pubsub");
		await("the one that lives listens again").until(() -> listeners(second).equals("1"));
		assertThat(listeners(first)).as("who listens to the dead one's channel").isEqualTo("0");
		this.holder.release(hold);
		assertServed("the waiter behind the dead one", next);
		assertThat(dead).as("the dead one").isNotDone();
	}

	@Test
	void aReleaseHandsOverAlthoughTheServerHasForgottenTheScripts() throws Exception {
		Hold hold = take(this.holder, this.key);
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, driver(), waiting());
		this.server.cli("SCRIPT", "FLUSH");
		assertThat(this.holder.release(hold)).as("the release").isTrue();
		assertServed("the waiter", waiter);
		assertThat(this.server.cli("EXISTS", lock(this.key) + ":queue", lock(this.key) + ":waiters"))
			.as("what is left of the queue")
			.isEqualTo("0");
	}

	@Test
	void aWaiterWhoseListeningBreaksLooksAgain() throws Exception {
		Hold hold = take(this.holder, this.key);
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, driver(), waiting());
		this.server.cli("CLIENT", "KILL", "TYPE", "pubsub");
		// Nobody is subscribed at this moment, or is again: either way it is served.
		this.holder.release(hold);
		assertServed("the waiter", waiter);
	}

	@Test
	void aMessageThatIsLostCostsOneLook() throws Exception {
		Hold hold = take(this.holder, this.key);
		LockAttempt attempt = attempt(this.key, Duration.ofSeconds(3), PATIENCE);
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, driver(), attempt);
		// The grant without its message.
		this.server.cli("HSET", lock(this.key), "owner", attempt.owner(), "token", "77");
		this.server.cli("PEXPIRE", lock(this.key), "60000");
		assertThat(waiter).as("the waiter").succeedsWithin(SOON).isNotNull();
		assertThat(this.holder.release(hold)).as("the release of the hold that was overwritten").isFalse();
	}

	@Test
	void aMessageForAnEarlierRequestIsNotBelieved() throws Exception {
		Hold hold = take(this.holder, this.key);
		LockAttempt attempt = waiting();
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, driver(), attempt);
		String channel = channel(attempt);
		this.server.cli("PUBLISH", channel, attempt.owner() + " 0 99 60000");
		this.server.cli("PUBLISH", channel, "nonsense");
		this.server.cli("PUBLISH", channel, "some one else 1");
		await("the waiter waits on").during(Duration.ofMillis(300)).until(() -> !waiter.isDone());
		assertThat(this.holder.renew(Set.of(hold), LONG_LEASE).lost()).as("losses of the holder").isEmpty();
	}

	@Test
	void aGrantByAMessageIsNotReliedUponLongerThanTheServerKeepsIt() throws Exception {
		Hold hold = take(this.holder, this.key);
		Duration lease = Duration.ofSeconds(30);
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, driver(), attempt(this.key, lease, PATIENCE));
		long waited = System.nanoTime();
		await("some of the lease would be over").until(() -> System.nanoTime() - waited > 300_000_000);
		this.holder.release(hold);
		assertServed("the waiter", waiter);
		Grant grant = waiter.get();
		assertThat(grant).isNotNull();
		Duration relied = grant.validUntil().remaining();
		assertThat(Duration.ofMillis(Long.parseLong(this.server.cli("PTTL", lock(this.key)))))
			.as("how long the server keeps it")
			.isGreaterThan(relied);
		assertThat(relied).as("how long the waiter relies on it, counted from its last request")
			.isLessThan(lease.minus(lease.dividedBy(100)).minusMillis(300));
	}

	@Test
	void aTryDoesNotOvertakeAWaiterWhenALeaseHasEnded() throws Exception {
		take(this.holder, this.key);
		CompletableFuture<@Nullable Grant> waiter = queue(this.server, driver(), waiting());
		this.server.cli("DEL", lock(this.key));
		assertThat(this.holder.acquire(attempt(this.key))).as("a try while somebody waits").isNull();
		assertServed("the waiter", waiter);
	}

	@Test
	void aQueueOfDeadClientsEndsByItself() throws Exception {
		take(this.holder, this.key);
		queue(this.server, driver(), attempt(this.key, Duration.ofSeconds(100), PATIENCE));
		assertThat(Long.parseLong(this.server.cli("PTTL", lock(this.key) + ":queue"))).as("time left of the queue")
			.isBetween(1L, 100_000L);
		assertThat(Long.parseLong(this.server.cli("PTTL", lock(this.key) + ":waiters"))).as("time left of its entries")
			.isBetween(1L, 100_000L);
	}

	@Test
	void anInterruptDoesNotDisturbARequest() throws Exception {
		Thread.currentThread().interrupt();
		Hold hold = take(this.holder, this.key);
		assertThat(this.holder.renew(Set.of(hold), LONG_LEASE).lost()).as("losses").isEmpty();
		assertThat(this.holder.release(hold)).as("the release").isTrue();
		assertThat(Thread.interrupted()).as("whether the interrupt is kept").isTrue();
	}

	private String listeners(LockAttempt attempt) {
		return this.server.cli("PUBSUB", "NUMSUB", channel(attempt)).lines().skip(1).findFirst().orElse("");
	}

	private String channel(LockAttempt attempt) {
		return this.server.cli("HGET", lock(this.key) + ":waiters", attempt.owner()).split(" ")[0];
	}

	@AfterAll
	static void stop() {
		SERVER.close();
	}

	private LockAttempt waiting() {
		return attempt(this.key, LONG_LEASE, LONG_LEASE);
	}

	private LockDriver driver() {
		return this.clients.driver(RedisClients.at(this.server.port()));
	}

}
