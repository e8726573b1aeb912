package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostException;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.LockUnavailableException;
import org.dragonflow.lock.engine.FaultyDriver.Fault;
import org.dragonflow.lock.spi.LockAttempt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Requests for many ids: what is asked of the store, and what is held while one waits.
 */
@Timeout(60)
class ManyHoldsTests {

	private static final Duration LEASE = Duration.ofMinutes(5);

	private static final LockRequest ABC = LockRequest.of("a", "b", "c");

	private final EngineFixture fixture = new EngineFixture(LEASE, new HandOver(10, Duration.ofMinutes(1)));

	private final FaultyDriver driver = this.fixture.driver;

	private final LockEngine engine = this.fixture.engine;

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void freeIdsAreOneRequestAndOneRelease() throws InterruptedException {
		this.engine.acquire(ABC).close();
		this.engine.lock(ABC).close();
		assertThat(this.driver.attemptsAtMany).as("requests for many").hasSize(2);
		assertThat(this.driver.releasesOfMany).as("releases of many").hasSize(2);
		assertThat(this.driver.attempts).as("requests for one").isEmpty();
		assertThat(this.driver.releases).as("releases of one").isEmpty();
		assertAllAreFree();
	}

	/**
	 * Many thousands would outlast their lease before the first one is renewed, or the
	 * last one released.
	 */
	@Test
	void tenThousandIdsAreRequestsForSomeHundredsEach() throws InterruptedException {
		List<String> objectIds = IntStream.range(0, 10_000).mapToObj((i) -> "net-" + i).toList();
		LockHandle handle = this.engine.acquire(LockRequest.of(objectIds));
		assertThat(handle.objectIds()).as("what is held").hasSize(10_000);
		handle.close();
		assertThat(this.driver.attemptsAtMany).as("requests").hasSize(20).allMatch((asked) -> asked.size() == 500);
		assertThat(this.driver.releasesOfMany).as("releases").hasSize(20).allMatch((asked) -> asked.size() == 500);
		assertThat(objectIds).as("free for others").allMatch(this.fixture::isFreeForOthers);
	}

	@Test
	void aRefusalBehindTheFirstHundredsGivesBackAll() throws InterruptedException {
		List<String> objectIds = IntStream.range(0, 1001).mapToObj((i) -> "net-" + i).toList();
		String last = LockRequest.of(objectIds).objectIds().last();
		LockAttempt other = this.fixture.takenByAnother(last);
		LockRequest request = LockRequest.of(objectIds).withWait(Duration.ZERO);
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.engine.lock(request))
			.satisfies((ex) -> assertThat(ex.getObjectId()).isEqualTo(last));
		this.fixture.others.release(other.hold());
		assertThat(objectIds).as("free for others").allMatch(this.fixture::isFreeForOthers);
		this.engine.lock(request).close();
	}

	/**
	 * A driver that takes one by one is asked for more than it can take within a lease.
	 */
	@Test
	void idsWhoseTakingOutlastsTheLeaseAreHeldAllTheSame() throws InterruptedException {
		this.driver.answersLateBy = Duration.ofMillis(500);
		LockRequest request = LockRequest.of(IntStream.range(0, 2500).mapToObj((i) -> "net-" + i).toList())
			.withLease(Duration.ofSeconds(2));
		try (LockHandle handle = this.engine.acquire(request)) {
			assertThat(handle.isHeld()).as("held, also what came first").isTrue();
		}
		assertThat(this.driver.attemptsAtMany).as("requests").hasSize(5);
	}

	@Test
	void oneIdIsAskedForAsOne() throws InterruptedException {
		this.engine.acquire(LockRequest.of("a")).close();
		assertThat(this.driver.attempts).as("requests for one").hasSize(1);
		assertThat(this.driver.releases).as("releases of one").hasSize(1);
		assertThat(this.driver.attemptsAtMany).as("requests for many").isEmpty();
		assertThat(this.driver.releasesOfMany).as("releases of many").isEmpty();
	}

	@Test
	void whatTheThreadHoldsAlreadyIsNotAskedForAgain() {
		this.engine.lock("b");
		LockHandle handle = this.engine.lock(ABC);
		assertThat(this.driver.attemptsAtMany).singleElement()
			.satisfies((asked) -> assertThat(asked).extracting((attempt) -> attempt.key().objectId())
				.containsExactly("a", "c"));
		handle.close();
		assertThat(this.fixture.isFreeForOthers("b")).as("released with the handle").isFalse();
		assertThat(this.fixture.isFreeForOthers("a")).as("released with the handle").isTrue();
		this.engine.unlock("b");
		assertAllAreFree();
	}

	@Test
	void whoWaitsForAnotherInstanceHoldsNothingBehind() throws Exception {
		LockAttempt other = this.fixture.takenByAnother("b");
		CompletableFuture<LockHandle> waiter = acquiring(ABC);
		await().until(() -> this.driver.attempts.size() == 1);
		assertThat(this.fixture.isFreeForOthers("a")).as("free, which comes first").isFalse();
		assertThat(this.fixture.isFreeForOthers("c")).as("free, which comes last").isTrue();
		this.engine.lock("c", false);
		this.engine.unlock("c");
		this.fixture.others.release(other.hold());
		waiter.get(20, TimeUnit.SECONDS).close();
		assertAllAreFree();
	}

	@Test
	void whoWaitsForAnotherThreadHoldsNothingBehind() throws Exception {
		this.engine.lock("b");
		CompletableFuture<LockHandle> waiter = acquiring(ABC);
		await().until(() -> !this.fixture.isFreeForOthers("a"));
		this.engine.lock("c", false);
		this.engine.unlock("c");
		this.engine.unlock("b");
		waiter.get(20, TimeUnit.SECONDS).close();
		assertAllAreFree();
	}

	/**
	 * Another instance holds the first id and takes the last one, in order, while a
	 * request here was granted the last one ahead, and waits for the first.
	 */
	@Test
	void whatWasTakenAheadBlocksNobodyForGood() throws Exception {
		try (LockEngine two = new LockEngine(this.fixture.others.newClient(),
				new EngineSettings(EngineFixture.NAMESPACE, "two", LEASE, null, null, HandOver.DEFAULT), (event) -> {
				})) {
			two.lock("a");
			CompletableFuture<LockHandle> one = acquiring(LockRequest.of("a", "c"));
			await().until(() -> this.driver.attempts.size() == 1);
			assertThat(two.tryLock("c", Duration.ofSeconds(10))).as("who is in order gets the last one").isTrue();
			two.unlock("c");
			two.unlock("a");
			one.get(20, TimeUnit.SECONDS).close();
		}
		assertAllAreFree();
	}

	@Test
	void withoutAWaitTheRefusedOneIsNamedAfterOneRequest() {
		this.fixture.takenByAnother("b");
		assertThatExceptionOfType(LockUnavailableException.class)
			.isThrownBy(() -> this.engine.acquire(ABC.withWait(Duration.ZERO)))
			.satisfies((ex) -> assertThat(ex.getObjectId()).isEqualTo("b"));
		assertThat(this.driver.attemptsAtMany).as("requests for many").hasSize(1);
		assertThat(this.driver.attempts).as("requests for one").isEmpty();
		assertThat(this.fixture.isFreeForOthers("a")).as("given back").isTrue();
		assertThat(this.fixture.isFreeForOthers("c")).as("given back").isTrue();
	}

	@Test
	void aRequestWhoseReplyWasLostIsRepeatedForTheSameOwners() throws InterruptedException {
		this.driver.acquireFaults.add(Fault.REPLY_LOST);
		this.engine.acquire(ABC).close();
		assertThat(this.driver.attemptsAtMany).as("requests").hasSize(2);
		assertThat(this.driver.attemptsAtMany.get(1)).as("the second one").isEqualTo(this.driver.attemptsAtMany.get(0));
		assertAllAreFree();
	}

	@Test
	void aSingleTryWhoseReplyWasLostFailsAndLeavesNothing() {
		for (Fault fault : List.of(Fault.REPLY_LOST, Fault.REQUEST_LOST, Fault.REFUSED, Fault.BUG)) {
			this.driver.acquireFaults.add(fault);
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> this.engine.acquire(ABC.withWait(Duration.ZERO)))
				.isNotInstanceOf(LockUnavailableException.class);
			await().untilAsserted(this::assertAllAreFree);
			this.engine.lock(ABC.withWait(Duration.ZERO)).close();
		}
	}

	@Test
	void anAnswerThatComesAfterItsLeaseIsNoHold() {
		this.driver.answersLateBy = Duration.ofMillis(250);
		LockRequest request = ABC.withLease(Duration.ofMillis(150));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.engine.acquire(request))
			.withMessageContaining("longer lease");
		await().untilAsserted(this::assertAllAreFree);
	}

	@Test
	void thoseWithFollowersAreHandedOverAndTheOthersReleasedTogether() throws Exception {
		LockHandle handle = this.engine.acquire(ABC);
		CompletableFuture<LockHandle> follower = acquiring(LockRequest.of("b"));
		await().until(() -> this.driver.attempts.isEmpty() && hasFollower());
		handle.close();
		LockHandle next = follower.get(20, TimeUnit.SECONDS);
		assertThat(this.driver.attempts).as("requests for one").isEmpty();
		assertThat(this.driver.releasesOfMany).singleElement()
			.satisfies((released) -> assertThat(released).extracting((hold) -> hold.key().objectId())
				.containsExactlyInAnyOrder("a", "c"));
		next.close();
		assertAllAreFree();
	}

	@Test
	void aLossOfOneDoesNotKeepTheOthersFromEnding() throws InterruptedException {
		LockHandle handle = this.engine.acquire(ABC);
		this.fixture.others.release(this.driver.attemptsAtMany.get(0).get(1).hold());
		assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::close)
			.satisfies((ex) -> assertThat(ex.getObjectId()).isEqualTo("b"));
		assertAllAreFree();
		await().untilAsserted(() -> assertThat(this.fixture.events).as("events").hasSize(1));
	}

	@Test
	void aLossBeforeTheRequestIsRefusedIsNoMatterOfWhoAsked() throws Exception {
		this.fixture.takenByAnother("b");
		CompletableFuture<Boolean> tried = CompletableFuture.supplyAsync(() -> {
			try {
				return this.engine.tryLock(ABC.withWait(Duration.ofSeconds(2)));
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		await().until(() -> this.driver.attempts.size() == 1);
		this.fixture.others.release(this.driver.attemptsAtMany.get(0).get(0).hold());
		assertThat(tried.get(20, TimeUnit.SECONDS)).as("taken, while another has 'b'").isFalse();
		assertThat(this.fixture.isFreeForOthers("a")).as("'a' is free for others").isTrue();
	}

	@Test
	void aReleaseThatIsNotConfirmedIsTriedOnForAll() throws InterruptedException {
		LockHandle handle = this.engine.acquire(ABC);
		this.driver.down = true;
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(handle::close)
			.withMessageContainingAll("a", "b", "c");
		this.driver.down = false;
		await().untilAsserted(this::assertAllAreFree);
		assertThat(this.fixture.events).as("losses").isEmpty();
	}

	@Test
	void aReleaseWhoseReplyWasLostHasReleased() throws InterruptedException {
		LockHandle handle = this.engine.acquire(ABC);
		this.driver.releaseFaults.add(Fault.REPLY_LOST);
		handle.close();
		assertAllAreFree();
		assertThat(this.fixture.events).as("losses").isEmpty();
	}

	@Test
	void whereTheStoreRefusesOneReleaseTheOthersEnd() throws InterruptedException {
		LockHandle handle = this.engine.acquire(ABC);
		this.driver.releaseFaults.add(Fault.REFUSED);
		this.driver.releaseFaults.add(Fault.REFUSED);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(handle::close)
			.satisfies((ex) -> assertThat(ex.isRefused()).isTrue());
		assertThat(List.of("a", "b", "c").stream().filter(this.fixture::isFreeForOthers)).as("those released")
			.hasSize(2);
	}

	@Test
	void aRequestThatTheShutdownMeetsHoldsNothing() throws Exception {
		List<CompletableFuture<LockHandle>> requests = new ArrayList<>();
		this.fixture.takenByAnother("b");
		requests.add(acquiring(ABC));
		requests.add(acquiring(ABC));
		await().until(() -> this.driver.attempts.size() == 1);
		this.engine.close();
		for (CompletableFuture<LockHandle> request : requests) {
			assertThat(request).failsWithin(Duration.ofSeconds(20))
				.withThrowableThat()
				.havingRootCause()
				.withMessageContaining("shutting down");
		}
		assertThat(this.fixture.isFreeForOthers("a")).as("released by the shutdown").isTrue();
		assertThatIllegalStateException().isThrownBy(() -> this.engine.acquire(ABC));
	}

	@Test
	void whatIsGrantedDuringTheShutdownIsReleased() throws Exception {
		for (LockRequest request : List.of(ABC, LockRequest.of("a"))) {
			try (EngineFixture late = new EngineFixture(LEASE)) {
				late.driver.answersLateBy = Duration.ofMillis(300);
				CompletableFuture<LockHandle> granted = new CompletableFuture<>();
				new Thread(() -> {
					try {
						granted.complete(late.engine.acquire(request));
					}
					catch (Exception ex) {
						granted.completeExceptionally(ex);
					}
				}).start();
				await().until(() -> !late.isFreeForOthers("a"));
				late.engine.close();
				assertThat(granted).failsWithin(Duration.ofSeconds(20))
					.withThrowableThat()
					.withMessageContaining("shutting down");
				assertThat(request.objectIds()).as("free for others").allMatch(late::isFreeForOthers);
			}
		}
	}

	private boolean hasFollower() {
		return Thread.getAllStackTraces()
			.entrySet()
			.stream()
			.anyMatch((entry) -> entry.getKey().getName().equals("acquiring")
					&& entry.getKey().getState() == Thread.State.TIMED_WAITING);
	}

	private CompletableFuture<LockHandle> acquiring(LockRequest request) {
		CompletableFuture<LockHandle> handle = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				handle.complete(this.engine.acquire(request));
			}
			catch (Throwable ex) {
				handle.completeExceptionally(ex);
			}
		}, "acquiring");
		thread.start();
		return handle;
	}

	private void assertAllAreFree() {
		assertThat(List.of("a", "b", "c")).as("free for others")
			.allMatch((objectId) -> this.fixture.isFreeForOthers(objectId));
	}

}
