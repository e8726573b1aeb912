package org.dragonflow.lock.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A store of one's own, the clients of it, and the words that the cases are written in.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FaultBase {

	static final String ID = "net-1";

	/**
	 * Longer than anything here takes, unless it hangs.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(30);

	/**
	 * Longer than any test: such a lease does not end by itself.
	 */
	static final Duration LONG_LEASE = Duration.ofMinutes(10);

	/**
	 * Longer than a restart of the store takes, but short enough to see a renewal.
	 */
	static final Duration LEASE = Duration.ofSeconds(8);

	static final Duration SHORT_LEASE = Duration.ofSeconds(3);

	private final List<Client> clients = new ArrayList<>();

	final FaultyStore store;

	FaultBase(FaultyStore store) {
		this.store = store;
	}

	@BeforeEach
	void prepareStore() {
		this.store.restart();
		this.store.prepare();
	}

	// Applications that other tests share go on.
	private final Set<Thread> before = Thread.getAllStackTraces().keySet();

	@AfterEach
	void closeClients() {
		this.store.resume();
		this.clients.forEach(Client::close);
		this.clients.clear();
		await("all threads of closed engines have ended").until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("dragonflow-lock") && !this.before.contains(thread)));
	}

	@AfterAll
	void closeStore() {
		this.store.close();
	}

	final void assertTold(LockHandle hold, Client holder, AtomicInteger told) {
		await("the holder's action and listener are told").untilAsserted(() -> {
			assertThat(told).as("runs of the action").hasValue(1);
			assertThat(holder.events()).as("events").hasSize(1);
		});
		assertThat(holder.events().get(0).fencingToken()).as("the lost hold's token").isEqualTo(hold.fencingToken());
		assertThatExceptionOfType(LockLostException.class).as("closing a lost hold").isThrownBy(hold::close);
	}

	final void assertServedAfter(LockHandle earlier, CompletableFuture<LockHandle> waiter) {
		assertThat(waiter).as("the waiter").succeedsWithin(PATIENCE).satisfies((hold) -> {
			assertThat(hold.isHeld()).as("whether the waiter holds the lock").isTrue();
			assertThat(hold.fencingToken()).as("its token").isGreaterThan(earlier.fencingToken());
			hold.close();
		});
	}

	final void assertNothingIsLeft() {
		await("the store has no records").until(() -> this.store.records() == 0);
	}

	final void awaitRenewal(LockHandle hold) {
		Duration left = hold.remaining();
		await("the hold is renewed").until(() -> hold.remaining().compareTo(left) > 0);
	}

	final CompletableFuture<LockHandle> waitingFor(Client client, LockRequest request) {
		CompletableFuture<LockHandle> waiter = client.acquireLater(request);
		await("the waiter waits").during(Duration.ofMillis(500)).until(() -> !waiter.isDone());
		return waiter;
	}

	static AtomicInteger countLosses(LockHandle hold) {
		AtomicInteger losses = new AtomicInteger();
		hold.onLost(losses::incrementAndGet);
		return losses;
	}

	final Client client(Duration lease) {
		return client(this.store.port(), lease);
	}

	final Client client(int port, Duration lease) {
		Client client = this.store.client(port, lease);
		this.clients.add(client);
		return client;
	}

	static ConditionFactory await(String description) {
		return Awaitility.await(description).atMost(PATIENCE);
	}

}
