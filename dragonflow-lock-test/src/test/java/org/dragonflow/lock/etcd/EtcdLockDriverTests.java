package org.dragonflow.lock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The traps of locks in etcd.
 */
class EtcdLockDriverTests extends EtcdTestBase {

	private TestEtcd etcd;

	private EtcdLockDriver driver;

	private EtcdLockDriver other;

	private final Queue<Hold> told = new ConcurrentLinkedQueue<>();

	@BeforeEach
	void connect() {
		this.etcd = closing(TestEtcd.of(EtcdServer.shared()));
		this.driver = closing(this.etcd.driver());
		this.driver.onLoss(this.told::add);
		this.other = closing(this.etcd.driver());
	}

	@Test
	void twoThreadsThatShareALeaseExcludeEachOther() throws Exception {
		LockAttempt first = attempt(this.key);
		take(this.driver, first);
		CompletableFuture<Grant> second = startWaiting(this.etcd, this.driver, waiting(this.key));
		assertThat(this.etcd.line(this.key)).as("The keys of both")
			.hasSize(2)
			.extracting(KeyValue::getLease)
			.containsOnly(this.etcd.line(this.key).get(0).getLease());
		assertThat(second).as("The second thread, while the first holds").isNotDone();
		this.driver.release(first.hold());
		assertThat(second).as("The second thread").succeedsWithin(PATIENCE);
	}

	@Test
	void aHoldOfAnIdBelowAnotherDoesNotBlockThatOne() throws Exception {
		for (String objectId : List.of("a/b", "a/", "a/b/c", "a")) {
			assertThat(this.driver.acquire(attempt(new LockKey("etcd-tests", objectId))))
				.as("The grant of %s while those before it are held", objectId)
				.isNotNull();
		}
	}

	@Test
	void theTokenIsTheCreateRevision() throws Exception {
		Grant grant = take(this.driver, attempt(this.key));
		assertThat(grant.token()).isEqualTo(this.etcd.line(this.key).get(0).getCreateRevision());
	}

	@Test
	void aReleaseComparesTheRevision() throws Exception {
		LockAttempt attempt = attempt(this.key);
		take(this.driver, attempt);
		ByteSequence bytes = EtcdKeys.bytes(this.etcd.keys().key(attempt.hold()));
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, this.other, waiting(this.key));
		long lease = this.etcd.client().getLeaseClient().grant(60).get(10, TimeUnit.SECONDS).getID();
		this.etcd.delete(bytes);
		assertThat(waiter).as("The waiter, after somebody has removed the holder's key").succeedsWithin(PATIENCE);
		this.etcd.client()
			.getKVClient()
			.put(bytes, EtcdKeys.bytes("60s"), PutOption.builder().withLeaseId(lease).build())
			.get(10, TimeUnit.SECONDS);
		Place stale = new Place(attempt.hold(), this.etcd.keys().queue(this.key), this.etcd.keys().key(attempt.hold()),
				new Session(lease, Duration.ofSeconds(60), System.nanoTime(), 0), null);
		assertThat(new LockQueue(new EtcdCalls(this.etcd.client(), PATIENCE)).leave(stale.key(), 2))
			.as("A release of a key that was created anew since")
			.isFalse();
		assertThat(this.etcd.line(this.key)).as("The line, which is as it was").hasSize(2);
	}

	@Test
	void nothingIsGrantedBeforeTheOwnKeyWasReadAgain() throws Exception {
		take(this.other, attempt(this.key));
		LockAttempt attempt = waiting(this.key);
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, this.driver, attempt);
		ByteSequence line = EtcdKeys.bytes(this.etcd.keys().queue(this.key));
		// The key before goes, and the own one with it.
		long gone = this.etcd.client()
			.getKVClient()
			.delete(line, DeleteOption.builder().isPrefix(true).build())
			.get(10, TimeUnit.SECONDS)
			.getHeader()
			.getRevision();
		assertThat(waiter).as("The waiter, with a new key").succeedsWithin(PATIENCE);
		assertThat(waiter.join().token()).as("The token, which is of the new key").isGreaterThan(gone);
		assertThat(this.etcd.line(this.key)).as("The keys")
			.singleElement()
			.satisfies((found) -> assertThat(found.getCreateRevision()).isEqualTo(waiter.join().token()));
	}

	@Test
	void aWaiterWhoseLeaseEndsGoesOnInANewSession() throws Exception {
		LockAttempt held = attempt(this.key);
		take(this.other, held);
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, this.driver, waiting(this.key));
		long lease = this.etcd.line(this.key).get(1).getLease();
		this.etcd.client().getLeaseClient().revoke(lease).get(10, TimeUnit.SECONDS);
		await("the waiter is in line again").until(() -> this.etcd.line(this.key).size() == 2);
		assertThat(this.etcd.line(this.key).get(1).getLease()).as("Its lease").isNotEqualTo(lease);
		assertThat(waiter).as("The waiter, while another holds").isNotDone();
		this.other.release(held.hold());
		assertThat(waiter).as("The waiter").succeedsWithin(PATIENCE);
	}

	@Test
	void aWaiterThatTimesOutOrIsInterruptedLeavesNoKey() throws Exception {
		take(this.other, attempt(this.key));
		assertThat(this.driver.acquire(attempt(this.key, LONG, Duration.ofMillis(300)))).as("A wait in vain").isNull();
		assertThat(this.etcd.line(this.key)).as("The line after a timeout").hasSize(1);
		CompletableFuture<Thread> thread = new CompletableFuture<>();
		CompletableFuture<?> waiter = later(() -> {
			thread.complete(Thread.currentThread());
			return take(this.driver, waiting(this.key));
		});
		await("the waiter is in line").until(() -> this.etcd.line(this.key).size() == 2);
		thread.join().interrupt();
		assertThat(waiter).as("The interrupted waiter").failsWithin(PATIENCE);
		assertThat(this.etcd.line(this.key)).as("The line after an interrupt").hasSize(1);
	}

	@Test
	void aLeaseThatIsRevokedIsToldAndANewSessionCarriesOn() throws Exception {
		LockAttempt attempt = attempt(this.key);
		take(this.driver, attempt);
		LockAttempt second = attempt(newKey());
		take(this.driver, second);
		this.etcd.revokeHolder(this.key);
		await("all holds of the lease are told")
			.untilAsserted(() -> assertThat(this.told).containsExactlyInAnyOrder(attempt.hold(), second.hold()));
		assertThat(this.driver.acquire(attempt(this.key))).as("The next hold").isNotNull();
		assertThat(this.driver.acquire(attempt(second.key()))).as("The next hold of the other").isNotNull();
	}

	@Test
	void aTryAfterTheUnnoticedEndOfItsSessionIsGranted() throws Exception {
		LockAttempt attempt = attempt(this.key);
		take(this.driver, attempt);
		long lease = this.etcd.line(this.key).get(0).getLease();
		this.driver.release(attempt.hold());
		this.etcd.client().getLeaseClient().revoke(lease).get(10, TimeUnit.SECONDS);
		assertThat(this.driver.acquire(attempt(this.key))).as("A single try for a free lock").isNotNull();
		this.etcd.client()
			.getLeaseClient()
			.revoke(this.etcd.line(this.key).get(0).getLease())
			.get(10, TimeUnit.SECONDS);
		assertThat(this.driver.acquireFree(List.of(attempt(this.key)))).as("The same for many").doesNotContainNull();
	}

	@Test
	void aKeyThatIsDeletedByHandIsToldAndLeavesTheOthersAlone() throws Exception {
		LockAttempt attempt = attempt(this.key);
		take(this.driver, attempt);
		LockAttempt second = attempt(newKey());
		take(this.driver, second);
		this.etcd.delete(EtcdKeys.bytes(this.etcd.keys().key(attempt.hold())));
		await("the holder is told").untilAsserted(() -> assertThat(this.told).containsExactly(attempt.hold()));
		assertThat(this.driver.renew(Set.of(attempt.hold(), second.hold()), LONG).lost())
			.as("What a renewal finds lost")
			.containsExactly(attempt.hold());
		assertThat(this.driver.release(second.hold())).as("The release of the other").isTrue();
	}

	@Test
	void aHoldThatNobodyRenewsEndsAlthoughTheLeaseGoesOnForOthers() throws Exception {
		Duration lease = Duration.ofSeconds(2);
		LockAttempt renewed = attempt(newKey(), lease, Duration.ZERO);
		take(this.driver, renewed);
		LockAttempt forgotten = attempt(this.key, lease, Duration.ZERO);
		take(this.driver, forgotten);
		await("the forgotten hold ends").pollInterval(Duration.ofMillis(300)).until(() -> {
			assertThat(this.driver.renew(Set.of(renewed.hold()), lease).lost()).as("The renewed hold").isEmpty();
			return this.etcd.line(this.key).isEmpty();
		});
		await("it is told").until(() -> this.told.contains(forgotten.hold()));
		assertThat(this.driver.release(renewed.hold())).as("The release of the renewed hold").isTrue();
	}

	@Test
	void aWaiterIsServedAtOnceAfterACompaction() throws Exception {
		LockAttempt held = attempt(this.key);
		take(this.other, held);
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, this.driver, waiting(this.key));
		long revision = this.etcd.client()
			.getKVClient()
			.put(EtcdKeys.bytes(this.etcd.keys().prefix() + "x"), EtcdKeys.bytes("x"))
			.get(10, TimeUnit.SECONDS)
			.getHeader()
			.getRevision();
		this.etcd.client().getKVClient().compact(revision).get(10, TimeUnit.SECONDS);
		this.other.release(held.hold());
		assertThat(waiter).as("The waiter").succeedsWithin(PATIENCE);
	}

	@Test
	void aClosedDriverLeavesNothingOfItsWaitersAndNoThread() throws Exception {
		take(this.other, attempt(this.key));
		EtcdLockDriver closed = this.etcd.driver();
		take(closed, attempt(newKey()));
		CompletableFuture<Grant> waiter = startWaiting(this.etcd, closed, waiting(this.key));
		closed.close();
		assertThat(waiter).as("The waiter of a closed driver").failsWithin(PATIENCE);
		assertThat(this.etcd.line(this.key)).as("The line").hasSize(1);
	}

}
