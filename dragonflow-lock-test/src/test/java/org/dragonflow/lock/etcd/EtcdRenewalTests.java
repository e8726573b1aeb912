package org.dragonflow.lock.etcd;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.etcd.jetcd.Client;
import org.dragonflow.lock.faults.TcpProxy;
import org.dragonflow.lock.spi.Grant;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.LockAttempt;
import org.dragonflow.lock.test.servers.EtcdServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a renewal need not ask etcd, because the watch tells it, and what it asks all the
 * same where the watch could not.
 */
class EtcdRenewalTests extends EtcdTestBase {

	private static EtcdServer server;

	private final Queue<Hold> lost = new ConcurrentLinkedQueue<>();

	private final Queue<Hold> askedFor = new ConcurrentLinkedQueue<>();

	@BeforeAll
	static void start() {
		server = EtcdServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aHolderIsToldAtOnceThatItsHoldIsAskedForAndNobodyElseIs() throws Exception {
		TestEtcd etcd = closing(TestEtcd.of(server));
		EtcdLockDriver holder = standing(etcd);
		EtcdLockDriver other = closing(etcd.driver());
		LockAttempt asked = attempt(this.key);
		take(holder, asked);
		LockAttempt another = attempt(newKey());
		take(holder, another);
		long before = server.handled("LeaseRevoke");
		assertThat(other.requestRevocation(asked.hold())).as("whether there is such a hold").isTrue();
		await("what tells of it is not left to expire").until(() -> server.handled("LeaseRevoke") == before + 1);
		await("the holder is told without a renewal").until(() -> this.askedFor.contains(asked.hold()));
		assertThat(this.askedFor).as("what it is told").containsOnly(asked.hold());
		assertThat(holder.renew(Set.of(asked.hold(), another.hold()), LONG).revocations())
			.as("what its renewals tell again")
			.containsExactly(asked.hold());
		assertThat(etcd.all()).as("the keys of three holds, and none of the request").hasSize(3);
	}

	@Test
	void whatTheWatchHasMissedIsFoundByTheNextRenewal() throws Exception {
		TestEtcd etcd = closing(TestEtcd.of(server));
		try (TcpProxy proxy = new TcpProxy(server.endpoint().getPort())) {
			EtcdLockDriver driver = standing(closing(EtcdLockDriver
				.owning(Client.builder().endpoints(URI.create("http://127.0.0.1:" + proxy.port())), etcd.settings())));
			List<LockAttempt> attempts = List.of(attempt(this.key), attempt(newKey()), attempt(newKey()));
			assertThat(driver.acquireFree(attempts)).as("the grants").doesNotContainNull();
			List<Hold> holds = attempts.stream().map(LockAttempt::hold).toList();
			assertThat(driver.renew(holds, LONG).lost()).as("what is lost").isEmpty();
			proxy.loseReplies();
			EtcdLockDriver other = closing(etcd.driver());
			assertThat(other.breakHold(holds.get(0))).as("whether there was a hold to break").isTrue();
			assertThat(other.requestRevocation(holds.get(1))).as("whether there was a hold to ask for").isTrue();
			proxy.heal();
			proxy.cut();
			await("the connection is back").ignoreExceptions().until(() -> driver.look(newKey()) == null);
			assertThat(this.lost).as("what was told of what happened meanwhile").isEmpty();
			assertThat(driver.renew(holds, LONG)).as("what a renewal finds").satisfies((renewal) -> {
				assertThat(renewal.lost()).containsExactly(holds.get(0));
				assertThat(renewal.revocations()).containsExactly(holds.get(1));
			});
			await("a watch stands again, and nothing is read any more").until(() -> {
				long before = server.handled("Txn");
				driver.renew(holds.subList(1, 3), LONG);
				return server.handled("Txn") == before;
			});
		}
	}

	@Test
	void aKeyThatGoesBeforeItsPlaceIsKnownToHoldIsNotGranted() throws Exception {
		TestEtcd etcd = closing(TestEtcd.of(server));
		LockQueue line = new LockQueue(new EtcdCalls(etcd.client(), PATIENCE));
		Places places = places(etcd, line);
		Place place = places.claim(attempt(this.key));
		LockQueue.Position position = line.enter(place.queue(), place.key(), place.session());
		assertThat(line.leave(place.key(), position.revision())).as("the break of the hold").isTrue();
		places.deleted(place.key(), position.revision() + 1);
		place.stands(position.revision());
		assertThat(places.hold(place)).as("the grant of a key that has gone").isNull();
		assertThat(places.find(place.hold())).as("its place").isNull();
		assertThat(this.lost).as("the losses of what was never held").isEmpty();
	}

	@Test
	void aDeletionOfAnEarlierKeyOfTheSameNameIsNoLoss() throws Exception {
		TestEtcd etcd = closing(TestEtcd.of(server));
		LockQueue line = new LockQueue(new EtcdCalls(etcd.client(), PATIENCE));
		Places places = places(etcd, line);
		Place place = places.claim(attempt(this.key));
		LockQueue.Position position = line.enter(place.queue(), place.key(), place.session());
		places.deleted(place.key(), position.revision() - 1);
		place.stands(position.revision());
		assertThat(places.hold(place)).as("the grant").extracting(Grant::token).isEqualTo(position.revision());
		places.deleted(place.key(), position.revision() - 1);
		assertThat(this.lost).as("the losses").isEmpty();
	}

	private Places places(TestEtcd etcd, LockQueue line) {
		ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
		closing((AutoCloseable) timer::shutdownNow);
		Places places = new Places(new EtcdCalls(etcd.client(), PATIENCE), etcd.keys(), line, new Turns(), timer);
		places.onLoss(this.lost::add);
		return places;
	}

	@Test
	void aRenewalThatWasAnsweredLateIsConfirmedByARead() throws Exception {
		Duration lease = Duration.ofSeconds(9);
		TestEtcd etcd = closing(TestEtcd.of(server));
		EtcdLockDriver driver = standing(etcd);
		LockAttempt attempt = attempt(this.key, lease, Duration.ZERO);
		take(driver, attempt);
		long before = server.handled("Txn");
		assertThat(driver.renew(Set.of(attempt.hold()), lease).lost()).as("what is lost").isEmpty();
		assertThat(server.handled("Txn")).as("the reads of a renewal").isEqualTo(before);
		server.pause();
		CompletableFuture<?> renewal = later(() -> driver.renew(Set.of(attempt.hold()), lease));
		awaitLater(lease.dividedBy(6), "the renewal is late");
		server.resume();
		assertThat(renewal).as("the late renewal").succeedsWithin(PATIENCE);
		assertThat(server.handled("Txn")).as("the reads of a late renewal").isEqualTo(before + 1);
	}

	@Test
	void aRenewalByAnotherLeaderIsConfirmedByARead() throws Exception {
		Session session = new Session(1, LONG, System.nanoTime(), 7);
		session.renewed(System.nanoTime(), 7);
		assertThat(session.takeDoubt()).as("the doubt about an answer of the same leader").isFalse();
		session.renewed(System.nanoTime(), 8);
		assertThat(session.takeDoubt()).as("the doubt about an answer of another leader").isTrue();
		assertThat(session.takeDoubt()).as("the doubt when it was taken").isFalse();
	}

	private EtcdLockDriver standing(TestEtcd etcd) throws Exception {
		return standing(closing(etcd.driver()));
	}

	/**
	 * Has a driver begin its watch, and waits until that stands.
	 */
	private EtcdLockDriver standing(EtcdLockDriver driver) throws Exception {
		driver.onLoss(this.lost::add);
		driver.onRevocation(this.askedFor::add);
		LockAttempt first = attempt(newKey());
		take(driver, first);
		CompletableFuture<Grant> second = later(() -> take(driver, waiting(first.key())));
		awaitLater(Duration.ofMillis(50), "the second waits");
		driver.release(first.hold());
		assertThat(second).as("the second").succeedsWithin(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
		return driver;
	}

}
