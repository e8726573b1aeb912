package org.dragonflow.lock.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

import org.dragonflow.lock.LockHandle;
import org.dragonflow.lock.LockLostEvent;
import org.dragonflow.lock.LockRequest;
import org.dragonflow.lock.LockStoreException;
import org.dragonflow.lock.spi.Deadline;
import org.dragonflow.lock.spi.LockDriver;
import org.dragonflow.lock.spi.LockKey;
import org.dragonflow.lock.test.PartedStore.Trouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests of the engine over a driver that answers in parts, one of which fails: it is no
 * matter of the others, and leaves nothing behind.
 */
class PartedDriverTests {

	// Long enough for an engine on a busy machine, and ends while a test waits for it.
	private static final Duration LEASE = Duration.ofMillis(1500);

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final int FAILING = 1;

	private static final int IDS_OF_EACH = 2;

	private final String namespace = "parts-" + UUID.randomUUID();

	private final PartedStore store = new PartedStore();

	private final Instance instance = Instance.start(mutated(new PartedDriver(this.store)), this.namespace, LEASE,
			null);

	private final List<String> ids = new ArrayList<>();

	PartedDriverTests() {
		int[] counts = new int[PartedStore.PARTS];
		for (int i = 0; this.ids.size() < PartedStore.PARTS * IDS_OF_EACH; i++) {
			String id = "id-" + i;
			if (counts[PartedStore.partOf(key(id))]++ < IDS_OF_EACH) {
				this.ids.add(id);
			}
		}
	}

	LockDriver mutated(LockDriver driver) {
		return driver;
	}

	@AfterEach
	final void stop() {
		this.store.heal(FAILING);
		this.instance.lock().close();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void theHoldsOfOtherPartsGoOnAndThoseOfTheFailingOneEndAtTheirDeadline(Trouble trouble) throws Exception {
		List<Watched> holds = acquireEach();
		this.store.fail(FAILING, trouble);
		Deadline severalLeases = Deadline.in(LEASE.multipliedBy(5).dividedBy(2));
		await("Several leases pass").pollInterval(LEASE.dividedBy(30)).atMost(PATIENCE).until(() -> {
			holds.forEach((hold) -> assertThat(hold.handle().isHeld() || isFailing(hold.id()))
				.as("Whether %s of a part that is well is held", hold.id())
				.isTrue());
			return severalLeases.hasPassed();
		});
		for (Watched hold : holds) {
			if (isFailing(hold.id())) {
				assertThat(hold.handle().isHeld()).as("Whether %s of the failing part is held", hold.id()).isFalse();
				await("The loss of " + hold.id() + " is told").atMost(PATIENCE).until(() -> hold.lostAt().get() != 0);
				assertThat(hold.lostAt().get() - hold.deadline()).as("Nanoseconds from the deadline to the loss")
					.isNotNegative();
			}
			else {
				assertThat(hold.lostAt()).as("When %s was lost", hold.id()).hasValue(0);
				hold.handle().close();
			}
		}
		assertThat(this.instance.events()).as("The losses")
			.hasOnlyElementsOfType(LockLostEvent.class)
			.extracting((event) -> event.objectId())
			.containsExactlyInAnyOrderElementsOf(this.ids.stream().filter(this::isFailing).toList());
		this.store.heal(FAILING);
		assertAllAreFreeAgain();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void aPartThatComesBackWithinTheLeaseLosesNothing(Trouble trouble) throws Exception {
		List<Watched> holds = acquireEach();
		this.store.fail(FAILING, trouble);
		await("Renewals fail").atMost(PATIENCE).until(() -> this.store.failures() > 1);
		this.store.heal(FAILING);
		Deadline severalLeases = Deadline.in(LEASE.multipliedBy(2));
		await("Several leases pass").pollInterval(LEASE.dividedBy(30)).atMost(PATIENCE).until(() -> {
			holds.forEach((hold) -> assertThat(hold.handle().isHeld()).as("Whether %s is held", hold.id()).isTrue());
			return severalLeases.hasPassed();
		});
		holds.forEach((hold) -> hold.handle().close());
		assertThat(this.instance.events()).as("What was told").isEmpty();
		assertAllAreFreeAgain();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void ofHoldsThatAreReleasedTogetherThoseOfOtherPartsAreReleased(Trouble trouble) throws Exception {
		LockHandle handle = this.instance.lock().acquire(LockRequest.of(this.ids));
		this.store.fail(FAILING, trouble);
		assertThatExceptionOfType(LockStoreException.class).as("The close that one part does not confirm")
			.isThrownBy(handle::close);
		for (String id : this.ids) {
			assertThat(this.store.hasRecord(key(id)) && !isFailing(id))
				.as("Whether %s is left in a part that is well", id)
				.isFalse();
		}
		assertThat(this.instance.events()).as("What was told").isEmpty();
		this.store.heal(FAILING);
		assertAllAreFreeAgain();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void whereOnePartFailsNoneOfSeveralIsTaken(Trouble trouble) throws Exception {
		this.store.fail(FAILING, trouble);
		assertThatExceptionOfType(LockStoreException.class).as("A request of which one part is unknown")
			.isThrownBy(() -> this.instance.lock().acquire(LockRequest.of(this.ids).withWait(Duration.ZERO)));
		assertNothingIsLeft((id) -> !isFailing(id));
		this.store.heal(FAILING);
		assertAllAreFreeAgain();
	}

	@Test
	void aRequestForSeveralOutlivesAPartThatComesBack() throws Exception {
		this.store.fail(FAILING, Trouble.UNREACHABLE);
		Background<LockHandle> waiter = Background.call(() -> this.instance.lock().acquire(LockRequest.of(this.ids)));
		await("The part is asked again").atMost(PATIENCE).until(() -> this.store.failures() > 1);
		this.store.heal(FAILING);
		LockHandle handle = waiter.get("All are taken when the part is back", PATIENCE);
		assertThat(handle.isHeld()).as("Whether all are held").isTrue();
		handle.close();
		assertAllAreFreeAgain();
	}

	private List<Watched> acquireEach() throws InterruptedException {
		List<Watched> holds = new ArrayList<>();
		for (String id : this.ids) {
			LockHandle handle = this.instance.lock().acquire(LockRequest.of(id));
			Watched hold = new Watched(id, handle, System.nanoTime() + handle.remaining().toNanos(), new AtomicLong());
			handle.onLost(() -> hold.lostAt().set(System.nanoTime()));
			holds.add(hold);
		}
		return holds;
	}

	private void assertAllAreFreeAgain() throws InterruptedException {
		assertNothingIsLeft((id) -> true);
		this.instance.lock().acquire(LockRequest.of(this.ids).withWait(Duration.ZERO)).close();
	}

	private void assertNothingIsLeft(Predicate<String> where) {
		await("Nothing is left").atMost(PATIENCE)
			.untilAsserted(
					() -> assertThat(this.ids.stream().filter(where).filter((id) -> this.store.hasRecord(key(id))))
						.as("Which records are left")
						.isEmpty());
	}

	private boolean isFailing(String id) {
		return PartedStore.partOf(key(id)) == FAILING;
	}

	private LockKey key(String id) {
		return new LockKey(this.namespace, id);
	}

	/**
	 * A hold of one id.
	 *
	 * @param deadline when it ends if it is never renewed
	 * @param lostAt when its loss was told; 0 if it was not
	 */
	private record Watched(String id, LockHandle handle, long deadline, AtomicLong lostAt) {
	}

}
