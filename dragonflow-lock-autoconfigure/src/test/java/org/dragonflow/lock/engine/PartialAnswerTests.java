package org.dragonflow.lock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.dragonflow.lock.LockEvent;
import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.engine.ScriptedDriver.Call;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.Hold;
import org.dragonflow.lock.spi.Renewal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Renewals of which some are answered and others are not: what fails for one says nothing
 * of the others.
 */
@Timeout(60)
class PartialAnswerTests {

	private static final Duration LEASE = Duration.ofSeconds(2);

	private static final int HOLDS = 30;

	private static final String LAST = "net-29";

	private final ScriptedEngine fixture = new ScriptedEngine(LEASE);

	private final ScriptedDriver driver = this.fixture.driver;

	private final Map<String, LockHandle> handles = new HashMap<>();

	private final Queue<String> lostTooEarly = new ConcurrentLinkedQueue<>();

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void whatIsUnknownIsLostAtItsDeadlineAndTheOthersAreHeldForMoreThanALease() {
		acquireAll();
		this.driver.renewal = (renewal) -> unknown(renewal, LockStoreException.unreachable("one part is down", null));
		awaitLossOfThePart();
		awaitLeases(1);
		assertOnlyThePartIsLost();
		// Records of which nothing was known must not outlast their holds.
		await("left behind").until(() -> part().stream().allMatch(this.fixture::isFreeForOthers));
	}

	@Test
	void whatADriverLeavesOutIsAskedForAgainAndHeldIfItIsAnsweredInTime() {
		acquireAll();
		this.driver.renewal = (renewal) -> unknown(renewal, null);
		await("a renewal of the part alone").until(() -> renewalsOf("part-0") >= 2);
		this.driver.renewal = (renewal) -> renewal;
		awaitLeases(1);
		assertThat(this.fixture.events).as("losses").isEmpty();
		assertThat(this.handles.values()).allMatch(LockHandle::isHeld);
	}

	@Test
	void whatIsUnknownIsAskedForAtASteadyRateForAsLongAsSomethingIs() {
		this.driver.renewal = (renewal) -> unknown(renewal, LockStoreException.unreachable("one part is down", null));
		long begin = System.nanoTime();
		for (int i = 0; i < 5; i++) {
			this.fixture.acquire("part-" + i);
			long next = begin + LEASE.toNanos() * (i + 1) / 2;
			await("half a lease").until(() -> System.nanoTime() > next);
		}
		// At a twelfth of the lease it is thirty, and some more for those that are new.
		assertThat(this.driver.renewals).as("renewals in two and a half leases").hasSizeBetween(5, 75);
	}

	@Test
	void aDriverThatFailsForAllForTheSakeOfOneLosesThatOneAlone() {
		acquireAll();
		this.driver.before = (call, objectIds) -> {
			if (call == Call.RENEW && objectIds.contains("part-0")) {
				throw LockStoreException.refused("the record of part-0 is of another type", null);
			}
			if (call == Call.RENEW && objectIds.contains("part-1")) {
				throw new NoSuchMethodError("in the code for part-1");
			}
		};
		await("the losses").until(() -> this.fixture.events.size() == 2);
		awaitLeases(1);
		assertThat(this.fixture.events).extracting(LockEvent::objectId).containsExactlyInAnyOrder("part-0", "part-1");
		assertThat(this.lostTooEarly).as("lost before its deadline").isEmpty();
	}

	@Test
	void aDriverThatIsSilentForAllForTheSakeOfOneLosesThatOneAlone() {
		acquireAll();
		// The last, whose deadline is the latest: nobody is to be saved by the end of it.
		this.driver.before = (call, objectIds) -> {
			if (call == Call.RENEW && objectIds.contains(LAST)) {
				throw LockStoreException.unreachable("the record of the last is locked by another", null);
			}
		};
		await("the loss").until(() -> !this.fixture.events.isEmpty());
		awaitLeases(1);
		assertThat(this.fixture.events).extracting(LockEvent::objectId).containsExactly(LAST);
		assertThat(this.lostTooEarly).as("lost before its deadline").isEmpty();
	}

	@Test
	void whatIsLostForCertainIsLostAtOnceThoughOthersAreUnknown() {
		acquireAll();
		this.fixture.others.breakHold(this.driver.holdOf("net-0"));
		this.driver.renewal = (renewal) -> unknown(renewal, LockStoreException.unreachable("one part is down", null));
		await("the loss").until(() -> !this.fixture.events.isEmpty());
		assertThat(this.fixture.events.get(0)).isInstanceOfSatisfying(LockLostEvent.class, (event) -> {
			assertThat(event.objectId()).as("lost first").isEqualTo("net-0");
			assertThat(event.reason()).as("rather than at the end of its lease").contains("no longer had its record");
		});
	}

	@Test
	void aRenewalThatHangsForWhatIsUnknownDoesNotDelayTheOthers() {
		acquireAll();
		CountDownLatch answer = new CountDownLatch(1);
		AtomicInteger hanging = new AtomicInteger();
		AtomicBoolean isDoubtful = new AtomicBoolean();
		AtomicBoolean areOthersApart = new AtomicBoolean();
		this.driver.renewal = (renewal) -> unknown(renewal, LockStoreException.unreachable("one part is down", null));
		this.driver.before = (call, objectIds) -> {
			if (call != Call.RENEW) {
				return;
			}
			boolean isOfOthers = objectIds.contains(LAST);
			if (!objectIds.contains("part-0")) {
				areOthersApart.compareAndSet(false, isOfOthers && isDoubtful.get());
			}
			// Not before the others are due as well, whether together with it or not.
			else if (isDoubtful.getAndSet(true) && (isOfOthers || areOthersApart.get())) {
				hanging.incrementAndGet();
				ScriptedEngine.hang(answer);
			}
		};
		try {
			await("the renewal that hangs").until(() -> hanging.get() == 1);
			awaitLossOfThePart();
			awaitLeases(1);
			assertThat(hanging).as("requests that hang").hasValue(1);
			assertOnlyThePartIsLost();
		}
		finally {
			answer.countDown();
		}
	}

	@Test
	void renewalsThatHangForWhatIsUnknownDelayNoneHoweverManyTheyAre() throws InterruptedException {
		for (int i = 0; i < HOLDS; i++) {
			this.fixture.engine.acquire(LockRequest.of("part-" + i).withLease(LEASE.plusMillis(i / 10)));
		}
		LockHandle healthy = this.fixture.acquire("net");
		CountDownLatch answer = new CountDownLatch(1);
		Set<String> asked = ConcurrentHashMap.newKeySet();
		this.driver.renewal = (renewal) -> unknown(renewal, LockStoreException.unreachable("one part is down", null));
		this.driver.before = (call, objectIds) -> {
			if (call == Call.RENEW && !asked.addAll(objectIds) && !objectIds.contains("net")) {
				ScriptedEngine.hang(answer);
			}
		};
		try {
			await("the loss of the part").until(() -> this.fixture.events.size() >= HOLDS);
			awaitLeases(1);
			assertThat(healthy.isHeld()).as("what the store has an answer for").isTrue();
		}
		finally {
			answer.countDown();
		}
	}

	@SuppressWarnings("NullAway")
	@Test
	void anAnswerThatIsNoneIsLikeNoAnswer() {
		acquireAll();
		AtomicInteger answers = new AtomicInteger();
		this.driver.renewal = (renewal) -> (answers.getAndIncrement() < 1) ? null : renewal;
		awaitLeases(1);
		assertThat(this.fixture.events).as("losses").isEmpty();
	}

	private void acquireAll() {
		for (int i = 0; i < HOLDS; i++) {
			String objectId = (i % 3 == 0) ? "part-" + i / 3 : "net-" + i;
			LockHandle handle = this.fixture.acquire((i == 1) ? "net-0" : objectId);
			String id = handle.objectIds().iterator().next();
			this.handles.put(id, handle);
			handle.onLost(() -> {
				if (!deadline(id).hasPassed()) {
					this.lostTooEarly.add(id);
				}
			});
		}
	}

	private List<String> part() {
		return this.handles.keySet().stream().filter((id) -> id.startsWith("part")).toList();
	}

	private void awaitLossOfThePart() {
		await("the loss of the part").atMost(Duration.ofSeconds(20))
			.until(() -> this.fixture.events.size() >= part().size());
	}

	/**
	 * Awaits so many leases as the store counts them, by the renewals of a healthy hold.
	 */
	private void awaitLeases(int count) {
		long until = System.nanoTime() + LEASE.toNanos() * count;
		await("some leases").atMost(Duration.ofSeconds(30)).until(() -> System.nanoTime() > until);
	}

	private void assertOnlyThePartIsLost() {
		assertThat(this.fixture.events).extracting(LockEvent::objectId)
			.as("lost")
			.containsExactlyInAnyOrderElementsOf(part());
		assertThat(this.lostTooEarly).as("lost before its deadline").isEmpty();
		this.handles.forEach((id, handle) -> assertThat(handle.isHeld()).as(id).isEqualTo(!id.startsWith("part")));
	}

	private long renewalsOf(String objectId) {
		return this.driver.renewals.stream().filter((ids) -> ids.contains(objectId)).count();
	}

	private Deadline deadline(String objectId) {
		return this.driver.promised.getOrDefault(objectId, Deadline.NEVER);
	}

	/**
	 * The answer without that for the part.
	 */
	private static Renewal unknown(Renewal renewal, @Nullable LockStoreException reason) {
		Map<Hold, Deadline> renewed = new HashMap<>(renewal.renewed());
		List<Hold> part = new ArrayList<>(renewed.keySet());
		part.removeIf((hold) -> !hold.key().objectId().startsWith("part"));
		part.forEach(renewed::remove);
		Map<Hold, LockStoreException> unknown = new HashMap<>();
		if (reason != null) {
			// For some. The others are left out.
			part.stream()
				.filter((hold) -> hold.key().objectId().hashCode() % 2 == 0)
				.forEach((hold) -> unknown.put(hold, reason));
		}
		return new Renewal(renewed, renewal.lost(), Collections.unmodifiableMap(unknown), renewal.revocations());
	}

}
