package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.spi.LockRecord;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two clients of one store, a key that nobody has used, and the words that the cases are
 * written in.
 */
abstract class ContractBase {

	/**
	 * Longer than any case takes: a lease that ends by itself only where a case wants it.
	 */
	static final Duration LONG_LEASE = Duration.ofMinutes(2);

	final LockKey key = new LockKey("contract-kit", UUID.randomUUID().toString());

	private final List<LockDriver> clients = new ArrayList<>();

	/**
	 * What the clients were told by themselves that is lost.
	 */
	final Set<Hold> losses = ConcurrentHashMap.newKeySet();

	/**
	 * What the clients were told by themselves that somebody asks for.
	 */
	final Set<Hold> revocations = ConcurrentHashMap.newKeySet();

	LockDriver alice;

	LockDriver bob;

	/**
	 * See {@link LockDriverContract#newDriver()}.
	 * @return a new driver
	 * @throws Exception if that fails
	 */
	protected abstract LockDriver newDriver() throws Exception;

	/**
	 * See {@link LockDriverContract#endLease(LockKey)}.
	 * @param key a key that is held
	 * @throws Exception if that fails
	 */
	protected abstract void endLease(LockKey key) throws Exception;

	/**
	 * See {@link LockDriverContract#shortLease()}.
	 * @return a short lease
	 */
	protected abstract Duration shortLease();

	/**
	 * See {@link LockDriverContract#patience()}.
	 * @return how long to wait for what must come
	 */
	protected abstract Duration patience();

	@BeforeEach
	final void connect() throws Exception {
		this.alice = newClient();
		this.bob = newClient();
	}

	@AfterEach
	final void disconnect() {
		// At once, as some take their time.
		this.clients.parallelStream().forEach(LockDriver::close);
	}

	final LockDriver newClient() throws Exception {
		LockDriver client = newDriver();
		this.clients.add(client);
		client.onLoss(this.losses::add);
		client.onRevocation(this.revocations::add);
		return client;
	}

	/**
	 * Another key that nobody has used, next to {@link #key}.
	 */
	final LockKey key(String suffix) {
		return new LockKey(this.key.namespace(), this.key.objectId() + suffix);
	}

	static LockAttempt attempt(LockKey key) {
		return attempt(key, LONG_LEASE, Duration.ZERO);
	}

	static LockAttempt waitingAttempt(LockKey key) {
		return attempt(key, LONG_LEASE, LONG_LEASE);
	}

	static LockAttempt attempt(LockKey key, Duration lease, Duration wait) {
		return new LockAttempt(key, "kit-" + UUID.randomUUID(), lease, Deadline.in(wait));
	}

	/**
	 * Takes a lock that must be free, or become free in time.
	 */
	static Grant take(LockDriver client, LockAttempt attempt) throws InterruptedException {
		Grant grant = client.acquire(attempt);
		if (grant == null) {
			throw new AssertionError("Expected " + attempt + " to be granted, but another holds the lock");
		}
		return grant;
	}

	/**
	 * Takes a lock that must be free, for the long lease.
	 */
	static Hold take(LockDriver client, LockKey key) throws InterruptedException {
		LockAttempt attempt = attempt(key);
		take(client, attempt);
		return attempt.hold();
	}

	static Background<Grant> waitFor(LockDriver client, LockAttempt attempt) {
		return Background.call(() -> take(client, attempt));
	}

	final Grant served(String description, Background<Grant> waiter) {
		return waiter.get(description, patience());
	}

	final void assertRefused(LockDriver client, LockKey key) throws InterruptedException {
		assertThat(client.acquire(attempt(key))).as("A single try for %s, which another holds", key).isNull();
	}

	/**
	 * The record of a key that must be held.
	 */
	static LockRecord record(LockDriver client, LockKey key) {
		LockRecord record = client.look(key);
		if (record == null) {
			throw new AssertionError("Expected a record of " + key + ", but nobody holds it");
		}
		return record;
	}

	/**
	 * Ends one of several holds of a client by itself. The end of its lease could be the
	 * end of all of them, where they have one in common.
	 */
	void endAlone(LockKey key) throws Exception {
		assertThat(this.bob.breakHold(record(this.bob, key).hold())).as("Whether there was a hold of %s to break", key)
			.isTrue();
	}

	/**
	 * The hold is the one in the store, and can be renewed.
	 */
	final void assertHeld(LockDriver client, Hold hold) {
		assertThat(record(client, hold.key()).hold()).as("Who holds %s by its record", hold.key()).isEqualTo(hold);
		assertThat(client.renew(Set.of(hold), LONG_LEASE).lost()).as("What a renewal of %s finds lost", hold).isEmpty();
	}

	/**
	 * The store keeps a record for as long as its holder relies on it.
	 */
	final void assertKept(LockKey key, @Nullable Deadline validUntil) {
		assertThat(validUntil).as("Until when the holder of %s may rely on it", key).isNotNull();
		LockRecord record = record(this.bob, key);
		// Read after the store's answer, so it can only be too small.
		Duration relied = validUntil.remaining();
		assertThat(record.remaining()).as("How long the store keeps what the holder relies on for %s", relied)
			.isGreaterThanOrEqualTo(relied);
		assertThat(relied).as("How long the holder may rely on a lease of %s", LONG_LEASE)
			.isBetween(LONG_LEASE.minus(patience()).dividedBy(2), LONG_LEASE.minus(LONG_LEASE.dividedBy(100)));
	}

	/**
	 * Renews, and checks that the store, which is there, answers of each hold in one way.
	 */
	static Renewal renew(LockDriver client, Collection<Hold> holds) {
		Renewal renewal = client.renew(holds, LONG_LEASE);
		assertThat(renewal.unknown()).as("What is unknown to a store that answers").isEmpty();
		List<Hold> answered = new ArrayList<>(renewal.renewed().keySet());
		answered.addAll(renewal.lost());
		assertThat(answered).as("What is renewed, %s, and lost, %s", renewal.renewed().keySet(), renewal.lost())
			.containsExactlyInAnyOrderElementsOf(holds);
		assertThat(renewal.renewed().keySet()).as("The renewed, of which some are asked for")
			.containsAll(renewal.revocations());
		return renewal;
	}

	/**
	 * Of several holds exactly those are lost: the very next renewal finds them, unless
	 * the client is told of them by itself, and then the renewal after that does.
	 */
	final void assertLost(LockDriver client, Collection<Hold> holds, Hold... lost) {
		Set<Hold> found = renew(client, holds).lost();
		if (found.size() < lost.length) {
			Set<Hold> untold = new HashSet<>(Set.of(lost));
			untold.removeAll(found);
			await("The client is told of what a renewal has not found").atMost(patience())
				.untilAsserted(() -> assertThat(this.losses).containsAll(untold));
			assertThat(renew(client, holds).lost()).as("What a renewal finds lost when its client was told")
				.containsExactlyInAnyOrder(lost);
		}
		// What is not lost is never told to be.
		assertThat(Set.of(lost)).as("What is lost").containsAll(found).containsAll(this.losses);
	}

	/**
	 * Nobody holds the key, nobody is before a newcomer, and nothing stays behind.
	 */
	final void assertFreeAndUnused(LockKey key) throws InterruptedException {
		assertThat(this.alice.look(key)).as("The record of %s, which nobody holds", key).isNull();
		Hold hold = take(this.bob, key);
		assertThat(this.bob.release(hold)).as("The release of %s", hold).isTrue();
		assertThat(this.alice.look(key)).as("The record of %s after its release", key).isNull();
	}

}
